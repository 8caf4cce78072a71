"""What one thread of all workers does at a time. PostgreSQL keeps count, and lets go of what a
worker that died was at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# "rat", among PostgreSQL's advisory locks: going through all boards; one board, by its key; the one
# slow board at a time; static copies.
REFRESHING, RATING, SLOW, COPYING = 0x72617401, 0x72617402, 0x72617403, 0x72617404


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
