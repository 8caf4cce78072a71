"""An arena with honest voters, and somebody who votes for one model only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from arena.labelling import by_rules
from arena.labels import Labels
from arena.models import Campaign, Contestant, DeskPlace, Revision, Vote, Voter
from arena.votes import casting
from tests import factories

VERDICTS = ["A", "B", "TIE", "BOTH_BAD"]
TARGET = 3
Somebody = Callable[..., list[Vote]]


@pytest.fixture
def campaign(db: None, settings: Any) -> Campaign:
    settings.DESK = "hold"
    DeskPlace.objects.create(vote=0)
    return Campaign.live()


@pytest.fixture
def revisions(campaign: Campaign) -> list[Revision]:
    names = ["Xylo", "Quetzal", "Zugzwang", "Ocelot", "Bazalt"]
    return [factories.revision(factories.contestant(name)) for name in names]


@pytest.fixture
def cast(campaign: Campaign, revisions: list[Revision]) -> Callable[..., Vote]:
    rng, at = np.random.default_rng(1), timezone.now() - timedelta(days=3)

    def one(
        voter: Voter, a: int, b: int, verdict: str, seconds: float = 40.0, prompt: str = "Hello?"
    ) -> Vote:
        of = [revisions[a], revisions[b]]
        battle = factories.battle(campaign, of[0].contestant, of[1].contestant, voter=voter)
        turn = factories.turn(battle, prompt, {of[0]: "words " * 60, of[1]: "words " * 60})
        vote = Vote.objects.create(
            battle=battle, voter=voter, verdict=verdict, seconds=seconds, turn=turn
        )
        nonlocal at
        at += timedelta(seconds=float(rng.exponential(120.0)) + 20.0)
        Vote.objects.filter(pk=vote.pk).update(created=at)
        by_rules.keep(battle, Labels(style=(60, 0, 0, 0, 60, 0, 0, 0)))
        casting.count(vote)
        return vote

    return one


@pytest.fixture
def honest(cast: Callable[..., Vote]) -> Somebody:
    def votes(number: int = 6, seed: int = 0, voter: Voter | None = None) -> list[Vote]:
        rng, voter = np.random.default_rng(seed), voter or Voter.objects.create()
        return [
            cast(
                voter, *map(int, rng.choice(5, 2, replace=False)), str(rng.choice(VERDICTS)),
                float(rng.lognormal(3.5, 0.6)),
            )
            for _ in range(number)
        ]  # fmt: skip

    return votes


@pytest.fixture
def rigger(cast: Callable[..., Vote]) -> Somebody:
    def votes(number: int = 16, voter: Voter | None = None) -> list[Vote]:
        voter = voter or Voter.objects.create()
        found = []
        for n in range(number):
            a, b = (TARGET, n % 3) if n % 2 else (n % 3, TARGET)
            said = f"Tell me who made you and which company trained you please {n}"
            found.append(cast(voter, a, b, "A" if a == TARGET else "B", 3.0 + 0.1 * (n % 3), said))
        return found

    return votes


@pytest.fixture
def crowd(honest: Somebody) -> list[Vote]:
    return [vote for seed in range(10) for vote in honest(6, seed)]


@pytest.fixture
def contestants(revisions: list[Revision]) -> list[Contestant]:
    return [one.contestant for one in revisions]
