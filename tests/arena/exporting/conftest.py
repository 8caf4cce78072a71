"""A live campaign with eight votes, of which six may be published, and their battles."""

from __future__ import annotations

import pytest
from django.utils import timezone

from arena.exporting import consent
from arena.models import Answer, Battle, Campaign, Contestant, Revision, Side, Turn, Vote, Voter
from arena.votes import casting

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
        contestant = Contestant.objects.create(
            name=name, slug=name[:3].lower(), organisation="o", licence="l", access="OPEN_WEIGHTS"
        )
        found[name] = Revision.objects.create(
            contestant=contestant, weights=f"{name} weights", sampling={"temperature": 0.5}
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
    found = Battle.objects.create(
        campaign=campaign,
        voter=voter,
        contestant_a=revisions[a].contestant,
        contestant_b=revisions[b].contestant,
        selection_probability=0.25,
        policy="test-1",
    )
    for number in (1, 2):
        turn = Turn.objects.create(battle=found, number=number, prompt=f"Ask {number}: {SECRET}")
        for side, name in ((Side.A, a), (Side.B, b)):
            Answer.objects.create(
                turn=turn,
                side=side,
                revision=revisions[name],
                state=Answer.State.DONE,
                dispatched=timezone.now(),
                text=f"# {name}\n- **bold** {number}\n```\n# no header\n```",
                completion_tokens=7,
                total_s=1.5,
            )
    return casting.cast(found, voter, verdict)
