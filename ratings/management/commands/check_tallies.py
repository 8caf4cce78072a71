"""`python manage.py check_tallies`"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arena.management import tables
from arena.models import Campaign
from ratings.refreshing.recount import differences


class Command(BaseCommand):
    help = "Recount all votes and compare with the running tallies. Changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        tables.ensure()
        wrong = 0
        for campaign in Campaign.objects.all():
            found = differences(campaign)
            if found is None:
                self.stdout.write(f"{campaign}: votes are aggregated; nothing to recount.")
                continue
            wrong += len(found)
            self.stdout.write(f"{campaign}: {len(found)} counts differ from a recount.")
            for each in found[:20]:
                pair = f"{each.slice}, {each.first} and {each.second}"
                said = f"{each.tallied}, recounted {each.recounted}"
                self.stdout.write(f"  {pair}, {each.column}: {said}")
        if wrong:
            raise CommandError(f"{wrong} counts differ. Do not publish until it is known why.")
