"""`python manage.py retention`"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from arena.management import tables
from arena.retaining import sweeping
from arena.retaining.sweeping import Swept


class Command(BaseCommand):
    help = (
        "Say what is old enough to be deleted, by rule. With --delete, delete all of it now; the "
        "background worker does so every hour, a part at a time. Days: RETAIN_…_DAYS "
        "(docs/privacy.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="not only count, but delete")

    def handle(self, *args: Any, **options: Any) -> None:
        tables.ensure()
        if options["delete"]:
            sweeping.sweep(most=None, told=self._say)
        else:
            for each in sweeping.due():
                self._say(each)
            self.stdout.write("Nothing was deleted: that takes --delete.")

    def _say(self, swept: Swept) -> None:
        days = swept.rule.days
        age = f"after {days} days" if days else "kept for ever"
        self.stdout.write(f"{swept.rows:>9,}  {swept.rule.what}  ({age})")
