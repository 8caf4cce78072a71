"""What the database itself says of its tables, and what loading needs to take away for a while."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

MIGRATIONS = "django_migrations"  # written by migrating
NOT_KEPT = (MIGRATIONS, settings.CACHES["default"]["LOCATION"])
# How values are written, whatever the server's own settings.
PLAIN = "SET LOCAL datestyle = ISO; SET LOCAL intervalstyle = postgres; SET LOCAL timezone = 'UTC'"

IS_OURS = """
    relnamespace = current_schema()::regnamespace AND NOT EXISTS (
        SELECT FROM pg_depend WHERE pg_depend.objid = c.oid AND pg_depend.deptype = 'e'
    )
"""
COLUMNS = f"""
    SELECT relname, array_agg(attname ORDER BY attnum)
    FROM pg_class c JOIN pg_attribute ON attrelid = c.oid
    WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND {IS_OURS}
    GROUP BY relname ORDER BY relname
"""
SEQUENCES = """
    SELECT s.sequencename, s.last_value
    FROM pg_sequences s JOIN pg_depend ON
        objid = (quote_ident(schemaname) || '.' || quote_ident(sequencename))::regclass
        AND deptype IN ('a', 'i')
        JOIN pg_class t ON t.oid = refobjid
    WHERE s.schemaname = current_schema() AND t.relname::text = ANY(%s) AND last_value IS NOT NULL
    ORDER BY 1
"""
SIZES = "SELECT relname, pg_table_size(c.oid) FROM pg_class c WHERE relkind = 'r' AND " + IS_OURS
# Loading is faster without them, and tables can be loaded in any order.
REFERENCES = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
    ORDER BY 1, 2
"""
# Those with a condition stay: PostgreSQL would write it in other words the second time.
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class c ON c.oid = indrelid
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND indpred IS NULL
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY 1
"""
FUNCTIONS = """
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace
        AND proname ~ '^(arena|people|ratings)_'
"""
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
        AND pid <> pg_backend_pid()
"""


def quoted(names: Iterable[str]) -> str:
    return ", ".join(map(connection.ops.quote_name, names))


def tables(cursor: CursorWrapper) -> dict[str, list[str]]:
    """The columns that are stored, of every table."""
    return dict(_asked(cursor, COLUMNS))


def sequences(cursor: CursorWrapper, tables: Iterable[str]) -> dict[str, int]:
    """Of those that were used, the last value."""
    return dict(_asked(cursor, SEQUENCES, [[*tables]]))


def sizes(cursor: CursorWrapper) -> dict[str, int]:
    return dict(_asked(cursor, SIZES))


def filled(cursor: CursorWrapper, tables: Iterable[str]) -> list[str]:
    """Those of the tables that have a row."""
    found = []
    for table in tables:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {quoted([table])})")
        if cursor.fetchone() == (True,):
            found.append(table)
    return found


def others(cursor: CursorWrapper) -> int:
    """How many other connections this database has."""
    [(count,)] = _asked(cursor, OTHERS)
    return int(count)


def drop(cursor: CursorWrapper, tables: Iterable[str]) -> None:
    """With the functions that migrations made."""
    if names := quoted(tables):
        cursor.execute(f"DROP TABLE {names} CASCADE")
    for (function,) in _asked(cursor, FUNCTIONS):
        cursor.execute(f"DROP FUNCTION {function} CASCADE")


@contextmanager
def bare(cursor: CursorWrapper, tables: Sequence[str]) -> Iterator[None]:
    """Inside, the tables are empty, without triggers, references and most indexes. What was taken
    away is made again from what the database itself says of it."""
    references, indexes = _asked(cursor, REFERENCES), _asked(cursor, INDEXES)
    switched = [f"ALTER TABLE {quoted([table])} {{}} TRIGGER USER" for table in tables]
    for statement in switched:
        cursor.execute(statement.format("DISABLE"))
    for table, name, _ in references:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    cursor.execute(f"TRUNCATE {quoted(tables)} RESTART IDENTITY")
    yield
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in references:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for statement in switched:
        cursor.execute(statement.format("ENABLE"))


def _asked(cursor: CursorWrapper, query: str, values: Sequence[Any] | None = None) -> list[Any]:
    cursor.execute(query, values)
    return list(cursor.fetchall())
