"""Mutual exclusion between all threads of all workers, by PostgreSQL's advisory locks. PostgreSQL
releases the locks of a worker that dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

IMPORTING = 0x696D7074  # "impt": one import or withdrawal of a campaign at a time
PREPARING = 0x70726570  # "prep": one `prepare` at a time
ORDERING = 0x6F726472  # "ordr": one order of a change of an import at a time

# How pg_locks shows an advisory lock with two keys.
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
    """Try to take the lock, without waiting. Yields whether it was free; it is then held to the end
    of the block."""
    if settings.PGBOUNCER:
        with _alone_by_transaction(what, key) as is_mine:
            yield is_mine
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [what, key])
        [is_mine] = cursor.fetchone() or [False]
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [what, key])


@contextmanager
def _alone_by_transaction(what: int, key: int) -> Iterator[bool]:
    """The same where each transaction may get another session: the lock belongs to a transaction on
    a connection of its own, which lasts as long as the block."""
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [what, key])
            [is_mine] = cursor.fetchone() or [False]
        yield is_mine
        own.rollback()
    finally:
        own.close()


def wait_for(what: int, key: int) -> None:
    """Wait for the lock, and hold it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [what, key])


def try_for(what: int, key: int) -> bool:
    """Take the lock until the transaction ends, unless it is held by somebody else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [what, key])
        [is_mine] = cursor.fetchone() or [False]
    return bool(is_mine)


def is_somebody_at(what: int, key: int = 0) -> bool:
    """Whether the lock is held. Does not take it, since a concurrent `alone` would then fail."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [what, key])
        [is_held] = cursor.fetchone() or [False]
    return bool(is_held)
