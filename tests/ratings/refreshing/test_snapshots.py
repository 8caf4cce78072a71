from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.conf import LazySettings
from django.db.models import F
from django.test import Client
from django.utils import timezone

from arena.counting import tallies
from arena.models import Campaign, Contestant, Tally
from ratings.boards.fingerprints import Fingerprint
from ratings.core import Tallies, bradley_terry
from ratings.models import Board, Covariance, Snapshot
from ratings.refreshing import drafts

from ..conftest import board_of, tally

RATED = {"overall", "overall-davidson", "overall-rao-kupper"}
pytestmark = pytest.mark.django_db(transaction=True)  # a board is read in one database snapshot


@pytest.mark.usefixtures("votes")
def test_snapshot_holds_what_the_core_computes(contestants: list[Contestant]) -> None:
    snapshot = board_of(drafts.refresh_all())
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
    assert {made.board.slug for made in drafts.refresh_all()} == RATED
    assert drafts.refresh_all() == []
    Tally.objects.filter(campaign=campaign).update(ties=7)
    assert {made.board.slug for made in drafts.refresh_all()} == RATED
    assert Snapshot.objects.filter(board__slug="overall").count() == 2


@pytest.mark.usefixtures("votes")
def test_board_of_a_campaign_that_tells_late_moves_once_an_hour_with_five_voters(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that moved with each vote would tell its voter whose texts these were."""
    Campaign.objects.update(kind="PREPARED", reveals="END")
    board = drafts.refresh_all()[0].board
    Tally.objects.filter(slice="overall").update(first_wins=F("first_wins") + 1)
    drafts.refresh_all()
    assert board.snapshots.count() == 1
    Campaign.objects.update(reveals="EACH_VOTE")
    drafts.refresh_all()
    assert board.snapshots.count() == 2
    Campaign.objects.update(reveals="NEVER")
    Tally.objects.filter(slice="overall").update(first_wins=F("first_wins") + drafts.FEWEST)
    drafts.refresh_all()
    assert board.snapshots.count() == 2
    an_hour_ago = timezone.now() - timedelta(hours=1, seconds=1)
    board.snapshots.update(created=an_hour_ago, published=an_hour_ago)
    drafts.refresh_all()
    assert board.snapshots.count() == 2
    monkeypatch.setattr(tallies, "voters_since", lambda *_: drafts.FEWEST)
    drafts.refresh_all()
    assert board.snapshots.filter(published__gt=an_hour_ago).count() == 1


@pytest.mark.usefixtures("votes")
def test_vote_moved_between_pairs_is_noticed(campaign: Campaign) -> None:
    drafts.refresh_all()
    first, second, _ = Tally.objects.order_by("pk")
    Tally.objects.filter(pk=first.pk).update(first_wins=first.first_wins - 1)
    Tally.objects.filter(pk=second.pk).update(first_wins=second.first_wins + 1)
    assert len(drafts.refresh_all()) == 3


def test_board_without_votes_has_no_snapshot(campaign: Campaign) -> None:
    assert drafts.refresh_all() == []
    slugs = set(Board.objects.values_list("slug", flat=True))
    assert slugs == {*RATED, "overall-style", "overall-elo"}
    assert not Snapshot.objects.exists()


def test_tie_model_without_ties_waits_for_the_first(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    tally(campaign, contestants[0], contestants[1], 3, 2, 0, 0)
    made = {snapshot.board.slug for snapshot in drafts.refresh_all()}
    assert "overall" in made
    assert drafts.refresh_all() == []


@pytest.mark.usefixtures("votes")
def test_first_snapshot_is_published_and_the_next_waits_an_hour(campaign: Campaign) -> None:
    first = board_of(drafts.refresh_all())
    Tally.objects.filter(campaign=campaign).update(ties=7)
    second = board_of(drafts.refresh_all())
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.published is not None
    assert second.published is None
    Snapshot.objects.filter(pk=first.pk).update(published=first.published - timedelta(hours=2))
    drafts.refresh_all()
    second.refresh_from_db()
    assert second.published is not None


@pytest.mark.usefixtures("votes")
def test_board_rated_again_after_an_upgrade_is_not_published_again(
    campaign: Campaign, settings: LazySettings
) -> None:
    settings.PUBLISH_EVERY = timedelta(0)
    first = board_of(drafts.refresh_all())
    Covariance.objects.all().delete()  # as a version without them left it
    again = board_of(drafts.refresh_all())
    assert again.input_sha256 == first.input_sha256
    published = Snapshot.objects.filter(board=first.board).exclude(published=None)
    assert [one.pk for one in published] == [first.pk]
    Tally.objects.filter(ties=5).update(first_wins=40)
    changed = board_of(drafts.refresh_all())
    assert {one.pk for one in published.all()} == {first.pk, changed.pk}


@pytest.mark.usefixtures("votes")
def test_drafts_go_and_publications_stay(campaign: Campaign) -> None:
    made = []
    for ties in (7, 8, 9, 10):
        Snapshot.objects.update(created=timezone.now() - timedelta(hours=1))
        Tally.objects.filter(campaign=campaign).update(ties=ties)
        made.append(board_of(drafts.refresh_all()))
    kept = Snapshot.objects.filter(board__slug="overall").order_by("pk")
    first, _, before, newest = made
    assert [*kept] == [first, before, newest]
    assert [bool(each.published) for each in kept] == [True, False, False]


def test_single_vote_ranks_nobody(
    campaign: Campaign, contestants: list[Contestant], client: Client
) -> None:
    tally(campaign, contestants[0], contestants[1], 1, 0, 0, 0)
    drafts.refresh_all()
    page = client.get("/leaderboard/").content.decode()
    assert "There are not enough votes yet to rank any model." in page
    assert "only wins so far" in page
    assert "only losses so far" in page
    assert "nan" not in page.lower()


@pytest.mark.usefixtures("votes")
def test_page_shows_the_newest_snapshot(client: Client) -> None:
    drafts.refresh_all()
    page = client.get("/leaderboard/").content.decode()
    assert "Ada leads." in page
    assert "from 116 votes" in page
    data = client.get("/leaderboard/data.json").json()
    assert [line["model"] for line in data["ratings"]] == ["Ada", "Bea", "Cy"]
    assert data["votes"] == 116


def test_empty_board_says_what_to_do(client: Client) -> None:
    page = client.get("/leaderboard/").content.decode()
    assert "No votes yet" in page
    assert "New battle" in page


@pytest.mark.parametrize(("takes_s", "rests_s"), [(0.01, 0.2), (1.5, 30.0)])
def test_looking_for_new_votes_takes_a_twentieth_of_the_time_at_most(
    takes_s: float, rests_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]

    def look() -> dict[tuple[int, str], Fingerprint]:
        now[0] += takes_s
        return {}

    monkeypatch.setattr(drafts, "fingerprints", look)
    looks = drafts.Looks(clock=lambda: now[0])
    assert looks.is_due
    looks.look()
    now[0] = 100.0 + 0.99 * rests_s
    assert not looks.is_due
    now[0] = 100.0 + 1.01 * rests_s
    assert looks.is_due
