"""`python manage.py demo_data`, or `make demo-data`: a real leaderboard from day one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arena.importing.demo import LLMFAO_HINT, SLUG, add
from arena.importing.errors import ImportRefused
from arena.management import tables
from arena.management.bar import Bar
from people.audit import What, record


class Command(BaseCommand):
    help = f"Fetch the real Chatbot Arena of August 2024 as the campaign {SLUG}."

    def handle(self, *args: Any, **options: Any) -> None:
        tables.ensure()
        try:
            with Bar(self.stderr, "Chatbot Arena, August 2024") as bar:
                report = add(bar)
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        record(None, What.IMPORTED, f"campaign {SLUG}")
        for sentence in report.sentences():
            self.stdout.write(sentence)
        self.stdout.write(LLMFAO_HINT)
