"""Campaigns with votes: three models of our own, and the real arena of August 2024."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from arena.importing.formats import FORMATS
from arena.importing.intake import bring_in
from arena.models import Campaign, Contestant, Tally, Vote, Voter
from ratings import freshness
from ratings.models import Snapshot
from ratings.presentation import sheets
from ratings.refreshing import drafts
from tests import database, factories
from tests.ratings.core.real_votes import august_2024

VERDICTS = ("A", "B", "A", "TIE", "BOTH_BAD", "A", "B", "A")


@pytest.fixture(autouse=True)
def nothing_cached() -> Iterator[None]:
    freshness.clear()
    sheets.forget()
    yield
    freshness.clear()
    sheets.forget()


@pytest.fixture
def campaign() -> Campaign:
    return Campaign.live()


@pytest.fixture
def contestants(campaign: Campaign) -> list[Contestant]:
    return [
        factories.contestant(name, licence=licence, access=access, parameters=parameters)
        for name, access, licence, parameters in (
            ("Ada", "OPEN_SOURCE", "Apache-2.0", 7_000_000_000),
            ("Bea", "PROPRIETARY", "proprietary", None),
            ("Cy", "OPEN_WEIGHTS", "Llama 2 Community License", 70_000_000_000),
        )
    ]  # fmt: skip


def tally(
    campaign: Campaign, first: Contestant, second: Contestant, *counts: int, slice: str = "overall"
) -> None:
    columns = dict(zip(("first_wins", "second_wins", "ties", "both_bad"), counts, strict=True))
    Tally.objects.create(campaign=campaign, first=first, second=second, slice=slice, **columns)


@pytest.fixture
def votes(campaign: Campaign, contestants: list[Contestant]) -> None:
    a, b, c = contestants
    tally(campaign, a, b, 30, 10, 5, 1)
    tally(campaign, b, c, 20, 15, 0, 2)
    tally(campaign, a, c, 25, 5, 3, 0)


def board_of(made: list[Snapshot], slug: str = "overall") -> Snapshot:
    [found] = [snapshot for snapshot in made if snapshot.board.slug == slug]
    return found


@pytest.fixture
def august() -> Campaign:
    """1.67 million real votes on 129 models, rated and published."""
    database.once("august", _rate_august)
    return Campaign.objects.get(slug="august")


def _rate_august() -> None:
    Campaign.objects.create(
        slug="august",
        name="Chatbot Arena, August 2024",
        kind=Campaign.Kind.IMPORTED,
        questions="mixtral behind gpt-4, claude",
    )
    bring_in(FORMATS["arena-tallies"], august_2024(), "august")
    drafts.refresh_all()


@pytest.fixture
def cast(campaign: Campaign, contestants: list[Contestant]) -> list[Vote]:
    """Votes, counted as by voting, on alternating sides."""
    voter = Voter.objects.create()
    made = []
    for i, verdict in enumerate(VERDICTS):
        a, b = contestants[i % 3], contestants[(i + 1 + i % 2) % 3]
        made.append(factories.vote(factories.battle(campaign, a, b, voter=voter), verdict))
    return made


@pytest.fixture
def odd(contestants: list[Contestant], votes: None) -> Campaign:
    """A second campaign, with odd votes, next to a sound one."""
    odd = Campaign.objects.create(slug="odd", name="Odd", kind=Campaign.Kind.IMPORTED)
    a, b, c = contestants
    tally(odd, a, b, 10, 10, 0, 0)
    tally(odd, b, c, 10, 10, 0, 0)
    return odd
