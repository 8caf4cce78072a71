"""The test database: emptied cheaply, and refilled from rows computed once.

Django empties it with TRUNCATE of every table and then recreates all permissions: 0.2 s after each
test that commits. Deleting the few rows that a test has made takes a hundredth of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

Rows = dict[str, bytes]
KEPT = {"django_content_type", "auth_permission", "arena_reason"}  # as after migrating
FILLED = "arena_promptsuggestion"  # by a migration; empty after the first test that commits
_remembered: dict[str, tuple[Rows, dict[str, int]]] = {}


def empty(test: TransactionTestCase) -> None:
    """Replaces `TransactionTestCase._fixture_teardown`."""
    names = [name for name in _tables() if name not in KEPT]
    tables = [connection.ops.quote_name(name) for name in names]
    with transaction.atomic(), connection.cursor() as cursor:
        # As TRUNCATE does: wait for transactions that still write.
        cursor.execute(f"LOCK TABLE {', '.join(tables)}")
        _without_triggers(cursor)
        cursor.execute("; ".join(f"DELETE FROM {table}" for table in tables))


def once(name: str, make: Callable[[], object]) -> None:
    """Call `make` on an empty database the first time; later only restore the rows it left."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {FILLED}")
    assert not _rows(), "What is remembered is a whole database."
    if name in _remembered:
        _bring_back(*_remembered[name])
    else:
        make()
        _remembered[name] = _rows(), _sequences()


@contextmanager
def elsewhere(**settings: Any) -> Iterator[None]:
    """Another database in place of the usual one."""
    usual = connections["default"]
    other = usual.copy()
    other.settings_dict.update(settings)
    other.settings_dict["OPTIONS"].pop("pool", None)  # it is that of the usual one
    connections["default"] = other
    try:
        yield
    finally:
        other.close()
        connections["default"] = usual


def _tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True, include_views=False)


def _rows() -> Rows:
    with connection.cursor() as cursor:
        found = {}
        for table in set(_tables()) - KEPT:
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                if rows := b"".join(copy):
                    found[table] = rows
        return found


def _sequences() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences")
        return {name: last for name, last in cursor.fetchall() if last is not None}


def _bring_back(rows: Rows, sequences: dict[str, int]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        _without_triggers(cursor)
        for table, lines in rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                copy.write(lines)
        for name, last in sequences.items():
            query = f'SELECT setval(%s, greatest(%s, last_value)) FROM "{name}"'
            cursor.execute(query, [f'"{name}"', last])


def _without_triggers(cursor: CursorWrapper) -> None:
    """Foreign keys are consistent before and after, so the order of tables does not matter."""
    cursor.execute("SET LOCAL session_replication_role = replica")
