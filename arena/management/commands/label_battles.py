"""`python manage.py label_battles`"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from arena.battle_labels import label_all
from arena.management.bar import Bar
from arena.models import Campaign


class Command(BaseCommand):
    help = (
        "Label battles that have none, such as older ones or all after a change of the rules, and "
        "count the slices of each campaign again. Votes that are cast meanwhile wait for the count."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for campaign in Campaign.objects.all():
            with Bar(self.stdout, f"battles of {campaign}") as bar:
                labelled = label_all(campaign, bar)
            self.stdout.write(f"{campaign}: {labelled} battles labelled, slices counted again.")
