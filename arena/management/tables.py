"""Commands may be the first thing anybody runs: then there are no tables yet."""

from __future__ import annotations

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection

from arena.models import Campaign


def ensure() -> None:
    """Make the tables of a new database. One that has some is left to `prepare`."""
    try:
        with connection.cursor() as cursor:
            is_new = Campaign._meta.db_table not in connection.introspection.table_names(cursor)
    except OperationalError as error:
        raise CommandError(
            f"The database does not answer: {str(error).strip()}. Check DATABASE_URL."
        ) from error
    if is_new:
        call_command("migrate", verbosity=0, interactive=False)
