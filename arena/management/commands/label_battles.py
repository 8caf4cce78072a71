"""`python manage.py label_battles`"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from arena.errors import Refused
from arena.labelling import by_model
from arena.labelling.by_rules import label_all
from arena.labels import asking
from arena.management import tables
from arena.management.bar import Bar
from arena.models import BattleLabels, Campaign
from arena.plurals import counted

MOST = 10**9


class Command(BaseCommand):
    help = (
        "Label battles that have no labels, such as older ones, or all of them after the rules "
        "change, and recount the slices of each campaign. Votes cast meanwhile wait for the "
        "count. With --model, a contestant of this arena chooses the categories instead."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--model", metavar="CONTESTANT", help="slug of a contestant that runs here"
        )
        parser.add_argument("--limit", type=int, help="how many battles the model is asked about")
        parser.add_argument(
            "--rules", action="store_true", help="relabel by rules what a model has labelled, too"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tables.ensure()
        model, limit = options["model"], options["limit"]
        if (
            (limit is not None and not 0 < limit <= MOST)
            or (limit and not model)
            or (model and options["rules"])
        ):
            raise CommandError(
                f"--limit is a number from 1 to {MOST:,}, with --model; --rules stands alone."
            )
        if model:
            self.by_model(model, limit)
        else:
            self.by_rules(options["rules"])

    def by_rules(self, every: bool) -> None:
        for campaign in Campaign.objects.all():
            with Bar(self.stdout, f"battles of {campaign}") as bar:
                labelled = label_all(campaign, bar, every=every)
            self.stdout.write(
                f"{campaign}: {counted(labelled, 'battle')} labelled, slices recounted."
            )

    def by_model(self, slug: str, limit: int | None) -> None:
        try:
            revision = by_model.labeller(slug)
            name = revision.contestant.name
            with Bar(self.stdout, f"battles by {name}") as bar:
                asked = by_model.label(revision, limit, bar)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        unread = BattleLabels.objects.filter(source=asking.in_vain(name)).count()
        self.stdout.write(
            f"{name} was asked about {counted(asked, 'battle')}. Of all its answers {unread} "
            "could not be read; those battles keep their categories by rules."
        )
        if BattleLabels.objects.filter(source=asking.by_model(name)).exists():
            self.compare(name)

    def compare(self, model: str) -> None:
        """Print how the model agrees with the rules on all battles it has labelled."""
        heads = ("both", "model only", "rules only", "neither", "agree")
        self.stdout.write(f"{'':<24}" + "".join(f"{head:>12}" for head in heads))
        for one in by_model.agreement(model):
            numbers = (one.both, one.model_only, one.rules_only, one.neither)
            counts = "".join(f"{number:>12,}" for number in numbers)
            self.stdout.write(f"{one.name:<24}{counts}{one.share:>12.0%}")
