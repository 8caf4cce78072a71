"""How long answers take: the median of those given in battles."""

from __future__ import annotations

from django.db import connection

MEASURE = """
    INSERT INTO ratings_responsetime (contestant_id, median_s, answers, computed)
    SELECT r.contestant_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY a.total_s),
           count(*), now()
    FROM arena_answer a JOIN arena_revision r ON r.id = a.revision_id
    WHERE a.state = 'DONE' AND a.total_s IS NOT NULL
    GROUP BY r.contestant_id
    ON CONFLICT (contestant_id) DO UPDATE
    SET median_s = EXCLUDED.median_s, answers = EXCLUDED.answers, computed = EXCLUDED.computed
"""


def measure() -> None:
    with connection.cursor() as cursor:
        cursor.execute(MEASURE)
