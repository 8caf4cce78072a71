"""What one thread of all workers does at a time. PostgreSQL keeps count, and lets go of what a
worker that died was at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# As pg_locks shows a lock of two numbers.
HELD = """
    SELECT EXISTS (
        SELECT 1 FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 2
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid = %s AND objid = %s
    )
"""


@contextmanager
def alone(what: int, key: int = 0) -> Iterator[bool]:
    """Whether nobody else is at it; if so, nobody else will be inside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [what, key])
        [is_mine] = cursor.fetchone() or [False]
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [what, key])


def is_somebody_at(what: int, key: int = 0) -> bool:
    """Asked without taking the lock, so that whoever wants it is not turned away meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [what, key])
        [is_held] = cursor.fetchone() or [False]
    return bool(is_held)
