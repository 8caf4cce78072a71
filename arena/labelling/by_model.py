"""Optional: categories of prompts by a local model, which is asked about each battle through the
same queue as for answers. The labels by rules are kept until its reply arrives."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from uuid import uuid4

from django.db.models import QuerySet, prefetch_related_objects

from inference.contract.presence import live_workers
from inference.contract.requests import GenerateResult

from .. import broker
from ..counting import tallies
from ..errors import Code, Refused
from ..generating import dispatch
from ..generating.life import Cause, Policy
from ..generating.settling import fault_of
from ..labels import asking, labels_of
from ..labels.categories import CATEGORIES
from ..limits import LABELLING
from ..models import Battle, BattleLabels, Contestant, Revision
from ..transactions import retried
from . import by_rules

AT_ONCE = 2  # few: voters in the live arena take precedence
LOOK_S = 0.1


def labeller(slug: str) -> Revision:
    """The newest revision of a contestant, if it can answer now. Raises Refused, also for APIs:
    prompts are not sent to other people's machines."""
    newest = Revision.objects.filter(contestant__slug=slug).newest()
    revision = newest.select_related("contestant").first()
    if revision is None or revision.is_remote:
        raise Refused(
            f"No contestant {slug!r} runs on our own weights.", code=Code.NO_LABELLER, status=400
        )
    if not any(revision.service in worker.serves for worker in live_workers(broker.connection())):
        raise Refused(
            f"No model worker serves {revision.weights} now. Start one: make up.",
            code=Code.NOT_IN_SERVICE,
            status=503,
        )
    return revision


def waiting(model: str) -> QuerySet[Battle]:
    """Battles with a vote for which the model has not replied yet."""
    voted = Battle.objects.filter(voter__forgotten=None).exclude(vote=None)
    voted = voted.exclude(labels__source__in=sources(model))
    return voted.prefetch_related("turns").order_by("vote")


def labellers() -> list[str]:
    """Models that have chosen categories. One index lookup per distinct source, however many
    battles there are."""
    found: list[str] = []
    rows, last = BattleLabels.objects.order_by("source"), ""
    while source := rows.filter(source__gt=last).values_list("source", flat=True).first():
        model, last = asking.model_of(source), source
        if model and model not in found:
            found.append(model)
    return found


def sources(model: str) -> tuple[str, str]:
    return asking.by_model(model), asking.in_vain(model)


def label(revision: Revision, limit: int | None, progress: Callable[[float], None]) -> int:
    """Have a model label up to `limit` battles it has not labelled; returns how many it was
    asked about. A later run continues where this one ends. Raises Refused after a timeout."""
    battles = waiting(revision.contestant.name)[:limit]
    total, done = battles.count(), 0
    coming, underway = battles.iterator(chunk_size=100), dict[int, float]()
    while True:
        for battle in islice(coming, AT_ONCE - len(underway)):
            ask(battle, revision)
            underway[battle.pk] = time.monotonic()
        if not underway:
            return done
        for key in answered(underway, revision.contestant.name):
            del underway[key]
            done += 1
        progress(done / total)
        if any(time.monotonic() - asked > LABELLING.total_s for asked in underway.values()):
            raise Refused(
                f"{revision.contestant} stopped responding after {done} of {total} battles. Run "
                "this again to continue.",
                code=Code.SILENT,
                status=503,
            )
        time.sleep(LOOK_S)


def answered(underway: dict[int, float], model: str) -> list[int]:
    found = BattleLabels.objects.filter(battle__in=list(underway), source__in=sources(model))
    return list(found.values_list("battle", flat=True))


def ask(battle: Battle, revision: Revision) -> None:
    """Queue the question; the reply goes to `record`."""
    prompts = [turn.prompt for turn in sorted(battle.turns.all(), key=lambda turn: turn.number)]
    request = dispatch.request_for(revision, asking.messages(prompts), Policy(LABELLING), uuid4())
    request = replace(request, sampling={"temperature": 0}, max_tokens=asking.MAX_TOKENS)
    about = {"battle_id": battle.pk, "contestant_id": revision.contestant_id}
    dispatch.enqueue(request, "arena.record_labels", **about)


@retried
def record(battle_id: int, contestant_id: int, result: GenerateResult) -> None:
    """Store a model's reply, and move the vote to the slices of its new labels. Attempts that were
    lost or never begun are ignored: a later run asks again."""
    fault = fault_of(result)
    if fault is not None and fault.cause is not Cause.MODEL:
        return
    battle = Battle.objects.select_related("voter").get(pk=battle_id)
    if battle.voter.forgotten:
        return  # its texts were deleted meanwhile, so the rules would find nothing
    prefetch_related_objects([battle], "turns__answers")
    model = Contestant.objects.get(pk=contestant_id).name
    rules = labels_of(*by_rules.texts_of(battle))
    with tallies.following(battle.campaign_id, [battle.vote.pk]):
        by_rules.keep(battle, asking.judged(rules, "" if fault else result.text, model))


@dataclass(frozen=True)
class Agreement:
    """Agreement between a model and the rules on one category, in numbers of battles."""

    name: str
    both: int
    model_only: int
    rules_only: int
    neither: int

    @property
    def share(self) -> float:
        """The share of battles on which they agree."""
        every = self.both + self.model_only + self.rules_only + self.neither
        return (self.both + self.neither) / every if every else 1.0


def agreement(model: str) -> list[Agreement]:
    """The agreement on all battles that the model has labelled; the rules are applied again."""
    of_model = Battle.objects.filter(labels__source=asking.by_model(model))
    labelled = of_model.filter(voter__forgotten=None)
    said: list[tuple[set[str], set[str]]] = [
        (
            set(battle.labels.categories),
            set(labels_of(by_rules.texts_of(battle)[0]).categories),
        )
        for battle in labelled.select_related("labels").prefetch_related("turns__answers")
    ]
    return [compared(slug, said) for slug in asking.JUDGED]


def compared(slug: str, said: list[tuple[set[str], set[str]]]) -> Agreement:
    pairs = [(slug in model, slug in rules) for model, rules in said]
    counts = (pairs.count(pair) for pair in ((True, True), (True, False), (False, True)))
    both, model_only, rules_only = counts
    neither = len(pairs) - both - model_only - rules_only
    return Agreement(str(CATEGORIES[slug].name), both, model_only, rules_only, neither)
