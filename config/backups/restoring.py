"""Restores a backup into an empty database: tables by its migrations, then its rows, then the
migrations since.

The rows are loaded in one transaction, after all of the file was compared with its sums.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from arena.errors import Code, Refused
from arena.plurals import counted

from . import schema
from .archive import Archive, Head
from .making import Progress

Key = tuple[str, str]  # of a migration: app and name
# What an arena has rows in before anybody has used it: by migrations and `prepare`.
FILLED_ANYWAY = {
    *schema.NOT_KEPT,
    "arena_campaign",
    "arena_promptsuggestion",
    "arena_reason",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
}
VERIFYING, LOADING = 0.3, 0.99  # how far the progress is after each


def restore(archive: Archive, progress: Progress = lambda done: None) -> Head:
    """Raises Refused before anything is changed, and what PostgreSQL does; then no row has been
    loaded, unless what failed is a migration since the backup."""
    head = verified(archive, progress)
    check_known(head)
    unpool()
    with connection.cursor() as cursor:
        check_empty(cursor, head)
    if MigrationRecorder(connection).applied_migrations().keys() != applied(head):
        build(head)
    load(archive, head, progress)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    progress(1.0)
    return head


def unpool() -> None:
    """From here on this process has one connection, so that others are somebody else's."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    connection.settings_dict["OPTIONS"].pop("pool", None)


def applied(head: Head) -> set[Key]:
    return {(app, name) for app, name in head.migrations}


def verified(archive: Archive, progress: Progress) -> Head:
    """All of the file is read. Raises Refused."""
    head = archive.head()
    for table, _ in archive.rows():
        if table not in head.tables:
            raise Refused(
                f"It has rows of {table}, of which its beginning says nothing. Use another backup.",
                code=Code.BAD_FILE,
            )
        progress(VERIFYING * _at(head, table))
    return head


def check_known(head: Head) -> None:
    """Raises Refused if a later release made the backup."""
    known = MigrationExecutor(connection).loader.disk_migrations
    if strange := sorted(applied(head) - known.keys()):
        app, name = strange[-1]
        raise Refused(
            f"The backup was made by a later Evenhand: {app} {name} is not known here. Install "
            "that release, and restore it with that.",
            code=Code.BAD_FILE,
        )


def check_empty(cursor: CursorWrapper, head: Head) -> None:
    """Raises Refused unless nobody has used this database, or does."""
    present = schema.tables(cursor)
    ours = {*connection.introspection.django_table_names(), *schema.NOT_KEPT, *head.tables}
    if foreign := sorted(present.keys() - ours):
        raise Refused(
            f"The database has other tables ({foreign[0]}). Name one in DATABASE_URL that is the "
            "arena's own.",
            code=Code.BAD_FILE,
        )
    if used := schema.filled(cursor, sorted(present.keys() - FILLED_ANYWAY)):
        raise Refused(
            f"There is an arena here already: {used[0]} has rows. A backup is only restored into "
            "an empty database; name one in DATABASE_URL, or another folder in ARENA_VAR.",
            code=Code.BAD_FILE,
        )
    if others := schema.others(cursor):
        raise Refused(
            f"The database is in use, by {counted(others, 'other connection')}. Stop the arena "
            "first, and all else that is connected.",
            code=Code.BUSY,
        )


def build(head: Head) -> None:
    """Make the tables that the backup's rows are from."""
    with transaction.atomic(), connection.cursor() as cursor:
        schema.drop(cursor, schema.tables(cursor))
    executor = MigrationExecutor(connection)
    nodes, wanted = executor.loader.graph.node_map, applied(head)
    last = [key for key in wanted if key in nodes and not _follows(nodes[key].children, wanted)]
    executor.migrate(sorted(last))


def _follows(children: Iterable[object], wanted: set[Key]) -> bool:
    return any(getattr(child, "key", None) in wanted for child in children)


def load(archive: Archive, head: Head, progress: Progress) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        present = schema.tables(cursor)
        names = [table for table in present if table not in schema.NOT_KEPT]
        if missing := sorted(head.tables.keys() - {*names}):
            raise Refused(f"There is no table {missing[0]} in this release.", code=Code.BAD_FILE)
        cursor.execute(schema.PLAIN)
        with schema.bare(cursor, names):
            for table, content in archive.rows():
                query = f"COPY {schema.quoted([table])} ({schema.quoted(head.tables[table])})"
                with connection.wrap_database_errors, cursor.copy(f"{query} FROM STDIN") as copy:
                    copy.write(content)
                progress(VERIFYING + (LOADING - VERIFYING) * _at(head, table))
            for name, last in head.sequences.items():
                cursor.execute("SELECT setval(%s::regclass, %s)", [schema.quoted([name]), last])


def _at(head: Head, table: str) -> float:
    return [*head.tables].index(table) / len(head.tables)
