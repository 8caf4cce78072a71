"""Battles and votes to browse."""

from __future__ import annotations

import pytest

from arena.labels import Labels
from arena.models import Battle, Campaign, Revision
from tests import factories


@pytest.fixture
def campaign(db: None) -> Campaign:
    return Campaign.objects.create(slug="arena", name="The arena")


@pytest.fixture
def revisions(campaign: Campaign) -> list[Revision]:
    return [factories.revision(factories.contestant(name)) for name in ("Ant", "Bee", "Cat")]


def battle(
    campaign: Campaign, sides: list[Revision], prompt: str, *answers: str, verdict: str = "A"
) -> Battle:
    """With one turn, and a vote unless the verdict is empty."""
    a, b = (side.contestant for side in sides)
    made = factories.battle(campaign, a, b)
    factories.turn(made, prompt, dict(zip(sides, answers, strict=True)))
    if verdict:
        Battle.objects.filter(pk=made.pk).update(state=Battle.State.VOTED)
        factories.vote(made, verdict, Labels(language="en", categories=("coding",), source="r"))
    return made
