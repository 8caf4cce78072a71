"""Results about the newest snapshots are cached until there is a newer one, without further
queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from arena.models import Campaign, Contestant, Tally
from ratings import freshness
from ratings.freshness import MOST_KEPT, Epoch, epochs
from ratings.limits import CACHES
from ratings.models import Snapshot
from ratings.presentation import sheets
from ratings.refreshing import drafts

from .boards.test_slices import part

pytestmark = pytest.mark.django_db(transaction=True)  # a board is read in one database snapshot
BOARD = "/leaderboard/arena/"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(epochs, "clock", clock)
    freshness.clear()
    return clock


@pytest.fixture(autouse=True)
def rated(votes: None, clock: Clock) -> None:
    drafts.refresh_all()


def vote(campaign: Campaign) -> None:
    """116 votes become 416."""
    Tally.objects.filter(campaign=campaign).update(ties=102)
    drafts.refresh_all()


def test_choice_nobody_has_asked_for_yet_needs_no_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(BOARD)
    with django_assert_num_queries(0):
        page = client.get(f"{BOARD}?access=open&q=a&sort=name").content.decode()
    assert "2 of 3 models" in page


def test_newer_snapshot_is_on_every_page_once_it_is_asked_for(
    client: Client, campaign: Campaign, clock: Clock
) -> None:
    assert b"from 116 votes" in client.get(BOARD).content
    vote(campaign)
    assert b"from 116 votes" in client.get(BOARD).content
    clock.seconds += 1.01 * CACHES.fresh_s
    for choice in ("", "?access=open"):
        assert b"from 116 votes" not in client.get(BOARD + choice).content


def test_new_slice_is_on_the_page_of_the_snapshot_that_came_with_it(
    client: Client, campaign: Campaign, clock: Clock
) -> None:
    assert b"f-slice" not in client.get(BOARD).content
    part(campaign, "coding", (5, 25, 0, 0))
    vote(campaign)
    clock.seconds += 1.01 * CACHES.fresh_s
    assert b'value="coding"' in client.get(BOARD).content


def test_snapshot_that_a_process_still_takes_for_the_newest_is_there(
    client: Client, campaign: Campaign
) -> None:
    vote(campaign)  # the first snapshot is published, so it is always kept
    Snapshot.objects.update(created=timezone.now() - timedelta(hours=1))
    client.get(BOARD)
    known = epochs.now()
    Tally.objects.filter(campaign=campaign).update(ties=7)
    drafts.refresh_all()
    sheets.forget()
    assert client.get(f"{BOARD}?access=open").status_code == 200
    assert epochs.now() is known


def test_renamed_model_shows_without_a_vote(client: Client, clock: Clock) -> None:
    assert b"Ada leads." in client.get(BOARD).content
    Contestant.objects.filter(name="Ada").update(name="Adele")
    sheets.forget()
    clock.seconds += 1.01 * CACHES.stale_s
    assert b"Adele leads." in client.get(BOARD).content


def test_moment_keeps_the_last_answers_for_a_second(clock: Clock) -> None:
    asked: list[int] = []
    question = freshness.for_a_moment(asked.append)
    for number in (*range(MOST_KEPT), 0, MOST_KEPT, 0):
        question(number)
    assert asked == [*range(MOST_KEPT + 1), 0]  # the oldest made room for the newest
    clock.seconds += 1.01 * CACHES.moment_s
    question(0)
    assert asked[-2:] == [0, 0]


def test_epoch_keeps_what_was_found_last() -> None:
    epoch = Epoch(None, 0.0)
    for i in range(MOST_KEPT + 1):
        epoch.keep(i, str(i))
    assert epoch.find(0) is None
    assert epoch.find(1) == "1"
    assert epoch.find(MOST_KEPT) == str(MOST_KEPT)
