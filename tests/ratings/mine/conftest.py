"""A voter with a browser, and what they have done in an arena of three models."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from arena.models import Campaign, Contestant, Revision, Vote, Voter
from arena.votes import casting
from tests import factories
from tests.arena.conftest import become

Cast = Callable[..., Vote]


@pytest.fixture
def revisions(contestants: list[Contestant]) -> list[Revision]:
    return [factories.revision(one) for one in contestants]


@pytest.fixture
def voter(db: None) -> Voter:
    return Voter.objects.create()


@pytest.fixture
def browser(client: Client, voter: Voter) -> Client:
    become(client, voter)
    return client


@pytest.fixture
def vote_on(campaign: Campaign, revisions: list[Revision], voter: Voter) -> Cast:
    """Cast a vote of this voter, or of another, on two models by their places in the list."""

    def cast(
        a: int = 0,
        b: int = 1,
        verdict: str = "A",
        prompt: str = "Why?",
        by: Voter | None = None,
        criteria: dict[str, str] | None = None,
    ) -> Vote:
        one, other, by = revisions[a], revisions[b], by or voter
        battle = factories.battle(campaign, one.contestant, other.contestant, voter=by)
        factories.turn(battle, prompt, {one: "Because of one.", other: "Because of other."})
        return casting.cast(battle, by, verdict, criteria_said=criteria)

    return cast


def page_of(client: Client, address: str, status: int = 200) -> str:
    """The text of a page, its white space joined."""
    response = client.get(address)
    assert response.status_code == status, response.content.decode()[:2000]
    return " ".join(response.content.decode().split())
