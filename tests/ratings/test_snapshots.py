from __future__ import annotations

import numpy as np
import pytest
from django.test import Client

from arena.models import Campaign, Contestant, Tally
from ratings import snapshots
from ratings.core import Tallies, bradley_terry
from ratings.models import Board, Snapshot

pytestmark = pytest.mark.django_db(transaction=True)  # a snapshot is read at one moment


@pytest.fixture
def campaign() -> Campaign:
    return Campaign.live()


@pytest.fixture
def contestants(campaign: Campaign) -> list[Contestant]:
    return [
        Contestant.objects.create(
            slug=name, name=name, organisation="o", licence="l", access=access
        )
        for name, access in (("Ada", "OPEN_SOURCE"), ("Bea", "PROPRIETARY"), ("Cy", "OPEN_WEIGHTS"))
    ]


def tally(campaign: Campaign, first: Contestant, second: Contestant, *counts: int) -> None:
    columns = dict(zip(("first_wins", "second_wins", "ties", "both_bad"), counts, strict=True))
    Tally.objects.create(campaign=campaign, first=first, second=second, **columns)


@pytest.fixture
def votes(campaign: Campaign, contestants: list[Contestant]) -> None:
    a, b, c = contestants
    tally(campaign, a, b, 30, 10, 5, 1)
    tally(campaign, b, c, 20, 15, 0, 2)
    tally(campaign, a, c, 25, 5, 3, 0)


@pytest.mark.usefixtures("votes")
def test_snapshot_holds_what_the_core_computes(contestants: list[Contestant]) -> None:
    [snapshot] = snapshots.refresh_all()
    pairs = np.array([[0, 1], [1, 2], [0, 2]])
    counts = np.array([[30, 10, 5, 1], [20, 15, 0, 2], [25, 5, 3, 0]])
    expected = bradley_terry(Tallies.from_counts(pairs, counts, 3))
    lines = list(snapshot.ratings.select_related("contestant"))
    assert [line.contestant.name for line in lines] == ["Ada", "Bea", "Cy"]
    assert [line.score for line in lines] == pytest.approx(list(expected.scores))
    assert [line.lower for line in lines] == pytest.approx(list(expected.lower))
    assert [line.upper for line in lines] == pytest.approx(list(expected.upper))
    assert [line.votes for line in lines] == [79, 83, 70]
    assert snapshot.votes == 116
    assert lines[0].win_rate == pytest.approx((30 + 25 + (5 + 1 + 3) / 2) / 79)


@pytest.mark.usefixtures("votes")
def test_snapshot_is_made_only_when_the_votes_have_changed(campaign: Campaign) -> None:
    assert len(snapshots.refresh_all()) == 1
    assert snapshots.refresh_all() == []
    Tally.objects.filter(campaign=campaign).update(ties=7)
    assert len(snapshots.refresh_all()) == 1
    assert Snapshot.objects.count() == 2


def test_board_without_votes_has_no_snapshot(campaign: Campaign) -> None:
    assert snapshots.refresh_all() == []
    assert Board.objects.get().campaign == campaign


def test_single_vote_ranks_nobody(
    campaign: Campaign, contestants: list[Contestant], client: Client
) -> None:
    tally(campaign, contestants[0], contestants[1], 1, 0, 0, 0)
    snapshots.refresh_all()
    page = client.get("/leaderboard/").content.decode()
    assert "There are not enough votes yet to rank anybody." in page
    assert "only wins so far" in page
    assert "only losses so far" in page
    assert "nan" not in page.lower()


@pytest.mark.usefixtures("votes")
def test_page_shows_the_newest_snapshot(client: Client) -> None:
    snapshots.refresh_all()
    page = client.get("/leaderboard/").content.decode()
    assert "Ada leads." in page
    assert "from 116 votes" in page
    data = client.get("/leaderboard/data.json").json()
    assert [line["model"] for line in data["ratings"]] == ["Ada", "Bea", "Cy"]
    assert data["votes"] == 116


def test_empty_board_says_what_to_do(client: Client) -> None:
    page = client.get("/leaderboard/").content.decode()
    assert "No votes yet" in page
    assert "Start a battle" in page
