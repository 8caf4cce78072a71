"""Locks that outlast transactions, with and without PgBouncer between them and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from arena.alone import alone, is_somebody_at

WHAT = 0x74657374


def _try() -> bool:
    try:
        with alone(WHAT, 7) as is_mine:
            return is_mine
    finally:
        connection.close()


def somebody_else_gets_it() -> bool:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_try).result()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pgbouncer", [False, True])
def test_only_one_is_alone_until_it_is_done(pgbouncer: bool, settings: Settings) -> None:
    settings.PGBOUNCER = pgbouncer
    with alone(WHAT, 7) as is_mine:
        with transaction.atomic():  # of the work itself
            assert (is_mine, is_somebody_at(WHAT, 7)) == (True, True)
        assert not somebody_else_gets_it()
        with alone(WHAT, 8) as is_another:
            assert is_another
    assert not is_somebody_at(WHAT, 7)
    assert somebody_else_gets_it()


@pytest.mark.django_db(transaction=True)
def test_lock_behind_pgbouncer_belongs_to_no_session(settings: Settings) -> None:
    settings.PGBOUNCER = True
    with alone(WHAT, 7), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_unlock_all()"
        )  # as if this session were another's by now
        assert not somebody_else_gets_it()
