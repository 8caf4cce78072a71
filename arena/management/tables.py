"""Creates tables for commands that run before anything else has."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection

from arena.models import Campaign


def ensure() -> None:
    """Create the tables of an empty database. Migrating an existing one is left to `prepare`."""
    with connection.cursor() as cursor:
        is_new = Campaign._meta.db_table not in connection.introspection.table_names(cursor)
    if is_new:
        call_command("migrate", verbosity=0, interactive=False)
