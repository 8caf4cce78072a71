"""How long answers take: the median over answers in battles that have been voted on.

Answers before the vote do not count: a page that changed during a battle would reveal which two
models are in it.
"""

from __future__ import annotations

from django.db import connection

from inference.contract.endings import FinishReason

STOPPED = [FinishReason.CANCELLED.value, FinishReason.ABANDONED.value]  # times too short
MEASURE = """
    WITH measured AS (
        SELECT revision.contestant_id,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY answer.total_s) AS median_s,
            count(*) AS answers
        FROM arena_vote vote
        JOIN arena_turn turn ON turn.battle_id = vote.battle_id
        JOIN arena_answer answer ON answer.turn_id = turn.id
        JOIN arena_revision revision ON revision.id = answer.revision_id
        WHERE answer.state = 'DONE' AND answer.total_s IS NOT NULL
            AND NOT answer.finish_reason = ANY(%(stopped)s)
        GROUP BY revision.contestant_id
    ), gone AS (
        DELETE FROM ratings_responsetime
        WHERE contestant_id NOT IN (SELECT contestant_id FROM measured)
    )
    INSERT INTO ratings_responsetime (contestant_id, median_s, answers, computed)
    SELECT contestant_id, median_s, answers, now() FROM measured
    ON CONFLICT (contestant_id) DO UPDATE
    SET median_s = EXCLUDED.median_s, answers = EXCLUDED.answers, computed = EXCLUDED.computed
"""


def measure() -> None:
    with connection.cursor() as cursor:
        cursor.execute(MEASURE, {"stopped": STOPPED})
