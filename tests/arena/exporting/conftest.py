"""A live campaign with eight votes, of which six may be published, and their battles."""

from __future__ import annotations

from typing import Any

import pytest

from arena.exporting import consent
from arena.models import Campaign, Revision, Vote, Voter
from arena.votes import casting
from tests import factories

SECRET = "ada@example.org"
# contestants on side A and B, verdict
CAST = [
    ("Ada 1", "Bea 2", "A"), ("Bea 2", "Ada 1", "A"), ("Ada 1", "Cyd 3", "B"),
    ("Bea 2", "Cyd 3", "TIE"), ("Cyd 3", "Bea 2", "BOTH_BAD"), ("Cyd 3", "Ada 1", "B"),
]  # fmt: skip


@pytest.fixture
def campaign(db: None) -> Campaign:
    return Campaign.objects.create(slug="ours", name="Our arena")


@pytest.fixture
def revisions(db: None) -> dict[str, Revision]:
    found = {}
    for name in ("Ada 1", "Bea 2", "Cyd 3"):
        contestant = factories.contestant(
            name, slug=name[:3].lower(), organisation="o", licence="l"
        )
        found[name] = factories.revision(
            contestant, weights=f"{name} weights", sampling={"temperature": 0.5}
        )
    return found


@pytest.fixture
def votes(campaign: Campaign, revisions: dict[str, Revision]) -> list[Vote]:
    """The first two voters consented and voted three times each; the third did not consent, and the
    fourth withdrew consent."""
    voters = [Voter.objects.create() for _ in range(4)]
    for voter in (voters[0], voters[1], voters[3]):
        consent.give(voter)
    consent.withdraw(voters[3])
    cast = [battle(campaign, voters[i // 3], revisions, *said) for i, said in enumerate(CAST)]
    cast += [battle(campaign, voter, revisions, "Ada 1", "Bea 2", "A") for voter in voters[2:]]
    return cast


def battle(
    campaign: Campaign, voter: Voter, revisions: dict[str, Revision], a: str, b: str, verdict: str
) -> Vote:
    """A battle of two turns with a vote."""
    one, other = (revisions[name].contestant for name in (a, b))
    drawn: dict[str, Any] = {"selection_probability": 0.25, "policy": "test-1"}
    found = factories.battle(campaign, one, other, voter=voter, **drawn)
    for number in (1, 2):
        said = f"# {{}}\n- **bold** {number}\n```\n# no header\n```"
        answers = {revisions[name]: said.format(name) for name in (a, b)}
        factories.turn(found, f"Ask {number}: {SECRET}", answers, number)
    return casting.cast(found, voter, verdict)
