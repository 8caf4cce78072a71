"""`python manage.py mark_names`"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from arena.labelling.disclosing import mark_all
from arena.management import arguments, tables
from arena.management.bar import Bar
from arena.models import Campaign


class Command(BaseCommand):
    help = (
        "Find the battles in which an answer names its own model or maker, also among older votes, "
        "and let their votes count or not by the rule of their campaign: after an upgrade, after "
        "that rule or the names of contestants have changed. Votes that a person has judged stay "
        "as they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--campaign", type=arguments.text, metavar="SLUG", help="only this one")

    def handle(self, *args: Any, **options: Any) -> None:
        tables.ensure()
        campaigns = Campaign.objects.exclude(kind=Campaign.Kind.IMPORTED)
        if options["campaign"]:
            campaigns = campaigns.filter(slug=options["campaign"])
        for campaign in campaigns:
            with Bar(self.stdout, f"votes of {campaign}") as bar:
                marked = mark_all(campaign, bar)
            self.stdout.write(f"{campaign}: {marked.told}")
