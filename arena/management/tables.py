"""Creates tables for commands that run before anything else has."""

from __future__ import annotations

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection

from arena.models import Campaign


def ensure() -> None:
    """Create the tables of an empty database. Migrating an existing one is left to `prepare`."""
    try:
        with connection.cursor() as cursor:
            is_new = Campaign._meta.db_table not in connection.introspection.table_names(cursor)
    except OperationalError as error:
        raise CommandError(
            f"The database does not answer: {str(error).strip()}. Check DATABASE_URL."
        ) from error
    if is_new:
        call_command("migrate", verbosity=0, interactive=False)
