"""Checks of `check --deploy --database default`: tables, owners, and the role of the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from people import owners
from people.models import AuditEvent

# Its owner, and superusers, can drop the triggers, or do without them.
MAY_CHANGE = """
    SELECT pg_has_role(current_user, relowner, 'MEMBER')
        OR has_table_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE')
    FROM pg_class WHERE oid = %s::regclass
"""


def tables(databases: Sequence[str] | None, **_: Any) -> Iterator[CheckMessage]:
    if not databases:
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Error(
            "Tables are missing or old: python manage.py prepare",
            id="evenhand.E021",
        )
        return
    yield from _owner()
    yield from _log()


def _owner() -> Iterator[CheckMessage]:
    if not owners.everyone().exists():
        yield Warning(
            "Nobody can open the admin as an owner. Make an account: python manage.py "
            "createsuperuser",
            id="evenhand.W022",
        )


def _log() -> Iterator[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute(MAY_CHANGE, [AuditEvent._meta.db_table])
        may_change = cursor.fetchone()[0]
    if may_change:
        yield Warning(
            "The database role could change the audit log. Run the arena as a role that cannot: "
            "docs/people.md, Audit log.",
            id="evenhand.W023",
        )
