"""Rows that many tests need, with usual values for whatever a test does not care about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from arena.labelling import by_rules
from arena.labels import Labels
from arena.models import (
    Answer,
    Battle,
    Campaign,
    Contestant,
    CriterionVerdict,
    Revision,
    Turn,
    Vote,
    Voter,
)
from arena.votes import casting


def contestant(name: str, **changes: Any) -> Contestant:
    usual = {"slug": slugify(name), "organisation": f"{name} Works", "licence": "Apache-2.0"}
    return Contestant.objects.create(name=name, **{**usual, "access": "OPEN_WEIGHTS", **changes})


def revision(of: Contestant, **changes: Any) -> Revision:
    return Revision.objects.create(**{"contestant": of, "weights": f"{of.slug}-weights", **changes})


def battle(campaign: Campaign, a: Contestant, b: Contestant, **changes: Any) -> Battle:
    """Without a turn yet. A new voter's, unless `voter` is given."""
    usual = {"selection_probability": 0.3, "policy": "test"}
    voter = changes.pop("voter", None) or Voter.objects.create()
    return Battle.objects.create(
        campaign=campaign, voter=voter, contestant_a=a, contestant_b=b, **{**usual, **changes}
    )


def turn(battle: Battle, prompt: str, answers: dict[Revision, str], number: int = 1) -> Turn:
    """A turn whose answers are done: first that of side A."""
    made = Turn.objects.create(battle=battle, number=number, prompt=prompt)
    for side, (of, text) in zip("AB", answers.items(), strict=True):
        Answer.objects.create(
            turn=made, side=side, revision=of, text=text, state=Answer.State.DONE,
            dispatched=timezone.now(), completion_tokens=7, total_s=1.5,
        )  # fmt: skip
    return made


def vote(
    battle: Battle,
    verdict: str,
    labels: Labels | None = None,
    at: datetime | None = None,
    **criteria: str,
) -> Vote:
    """Counted as if cast now, or at `at`; with verdicts by criterion, if any."""
    if labels:
        by_rules.keep(battle, labels)
    last = battle.turns.order_by("number").last()
    made = Vote.objects.create(
        battle=battle, voter=battle.voter, verdict=verdict, seconds=1.0, turn=last
    )
    for criterion, said in criteria.items():
        CriterionVerdict.objects.create(vote=made, criterion=criterion, verdict=said)
    if at:
        Vote.objects.filter(pk=made.pk).update(created=at)
        made.created = at
    casting.count(made)
    return made
