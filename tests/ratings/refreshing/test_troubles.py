"""One odd campaign, board, slice or date fails alone and says why; the others are not affected."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from arena.models import Campaign, Contestant, Import, ImportedVote, Tally
from ratings import freshness
from ratings.core.data.errors import ConvergenceError
from ratings.facts import Pace, Period
from ratings.models import Board, Snapshot, Trouble
from ratings.refreshing import drafts, publications, troubles, vote_facts

from ..conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)
COMPUTING, PUBLISHING = Trouble.What.COMPUTING, Trouble.What.PUBLISHING


def made(campaign: str) -> set[str]:
    return set(
        Snapshot.objects.filter(board__campaign__slug=campaign).values_list(
            "board__slug", flat=True
        )
    )


def failing(where: str, how: BaseException, monkeypatch: pytest.MonkeyPatch) -> list[Board]:
    """Make rating the boards of this campaign raise; returns the boards that were tried."""
    tried: list[Board] = []
    rate = publications.rate

    def rate_or_fail(board: Board, *args: Any) -> Any:
        if board.campaign.slug == where and board.method == Board.Method.BRADLEY_TERRY:
            tried.append(board)
            raise how
        return rate(board, *args)

    monkeypatch.setattr(publications, "rate", rate_or_fail)
    return tried


def try_again_now() -> None:
    Trouble.objects.update(retry=timezone.now())


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (ConvergenceError("after 100 steps"), troubles.LOPSIDED),
        (OverflowError("date value out of range"), troubles.DATE_OR_NUMBER),
        (MemoryError(), troubles.MEMORY),
        (ZeroDivisionError(), troubles.FAULT),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_campaign_that_fails_keeps_no_other_back(
    how: Exception, reason: str, odd: Campaign, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    failing("odd", how, monkeypatch)
    drafts.refresh_all()
    assert {"overall", "overall-davidson", "overall-rao-kupper"} <= made("arena")
    assert made("odd") == set()
    assert Snapshot.objects.exclude(published=None).filter(board__slug="overall").count() == 1
    page = client.get("/leaderboard/odd/").content.decode()
    assert f"This board could not be computed: {reason}" in page
    assert "could not be computed" not in client.get("/leaderboard/arena/").content.decode()


def test_failure_is_logged_once_and_tried_again_after_growing_pauses(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = failing("odd", ConvergenceError("after 100 steps"), monkeypatch)
    for _ in range(3):
        drafts.refresh_all()
    assert len(tried) == len(set(tried)) == 3  # each once
    pauses = []
    for _ in range(20):
        try_again_now()
        drafts.refresh_all()
        trouble = Trouble.objects.get(board__campaign=odd, board__slug="overall")
        pauses.append(round((trouble.retry - timezone.now()).total_seconds()))
    growing = [pause for pause in pauses if pause <= 3590]  # then they stay as they are
    assert growing == sorted(growing)
    assert 20 < pauses[0] <= 30
    assert 3590 < pauses[-1] <= 3600
    logged = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert len(logged) == 3  # boards


def test_trouble_goes_when_the_board_is_computed(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    with monkeypatch.context() as patch:
        failing("odd", ConvergenceError("after 100 steps"), patch)
        drafts.refresh_all()
    assert Trouble.objects.exists()
    try_again_now()
    drafts.refresh_all()
    assert not Trouble.objects.exists()
    freshness.clear()
    assert "could not be computed" not in client.get("/leaderboard/odd/").content.decode()


def test_older_board_is_shown_with_the_reason_why_it_is_old(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    drafts.refresh_all()
    Tally.objects.filter(campaign=odd).update(first_wins=11)
    failing("odd", ConvergenceError("after 100 steps"), monkeypatch)
    drafts.refresh_all()
    page = client.get("/leaderboard/odd/").content.decode()
    assert troubles.LOPSIDED in page
    assert "Ada" in page


def test_database_that_is_away_is_no_trouble_of_a_board(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing("odd", OperationalError("the connection is closed"), monkeypatch)
    with pytest.raises(OperationalError):
        drafts.refresh_all()
    assert not Trouble.objects.exists()


def test_publication_that_fails_keeps_no_other_back(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, tried = publications.publish, []

    def publish_or_fail(draft: Snapshot) -> Snapshot:
        if draft.board.campaign == odd:
            tried.append(draft)
            raise OverflowError("date value out of range")
        return publish(draft)

    monkeypatch.setattr(publications, "publish", publish_or_fail)
    for _ in range(3):
        drafts.refresh_all()
    published = Snapshot.objects.exclude(published=None)
    assert set(published.values_list("board__campaign__slug", flat=True)) == {"arena"}
    assert len(tried) == 3  # boards, each once
    reasons = Trouble.objects.filter(what=PUBLISHING).values_list("reason", flat=True)
    assert set(reasons) == {troubles.DATE_OR_NUMBER}


def test_facts_that_cannot_be_counted_are_left_out_of_a_publication(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    def fail(campaign: Campaign) -> None:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(vote_facts, "of", fail)
    drafts.refresh_all()
    published = Snapshot.objects.exclude(published=None).filter(board__slug="overall")
    assert published.count() == 2
    assert client.get("/leaderboard/arena/statistics/").status_code == 200


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_votes_of_an_impossible_year_are_counted_without_a_date(
    year: int, odd: Campaign, contestants: list[Contestant], client: Client
) -> None:
    source = Import.objects.create(campaign=odd, format="csv", sha256="x", votes=2)
    a, b, _ = contestants
    for at in (datetime(year, 12, 31, 23, 59, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)):
        ImportedVote.objects.create(
            source=source, contestant_a=a, contestant_b=b, verdict="A", at=at
        )
    tally(odd, a, b, 500, 500, 0, 0, slice=f"month-{year:04}-12")
    drafts.refresh_all()
    assert not Trouble.objects.exists()
    published = Snapshot.objects.exclude(published=None).get(
        board__campaign=odd, board__slug="overall"
    )
    assert published.facts.votes is not None
    pace = published.facts.votes.pace
    assert pace == Pace("day", (Period("2026-01-05", 0, 1),), undated=1)
    page = client.get("/leaderboard/odd/statistics/")
    assert "without a plausible date" in page.content.decode()
    assert len(page.content) < 200_000


def test_date_that_python_cannot_tell_stops_nothing(
    odd: Campaign, contestants: list[Contestant]
) -> None:
    source = Import.objects.create(campaign=odd, format="csv", sha256="x", votes=1)
    a, b, _ = contestants
    ImportedVote.objects.create(source=source, contestant_a=a, contestant_b=b, verdict="A")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE arena_importedvote SET at = '12345-01-01 00:00+00'")
    drafts.refresh_all()
    assert not Trouble.objects.exists()
    assert "overall" in made("odd")


def test_counts_beyond_all_numbers_stop_no_other_campaign(
    odd: Campaign, contestants: list[Contestant]
) -> None:
    Tally.objects.filter(campaign=odd).update(first_wins=2**62, second_wins=2**62, ties=2**62)
    drafts.refresh_all()
    assert "overall" in made("arena")


def test_board_in_trouble_is_told_to_staff_alone(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    failing("odd", ConvergenceError("after 100 steps"), monkeypatch)
    drafts.refresh_all()
    assert "Odd: overall" not in client.get("/status/").content.decode()
    client.force_login(User.objects.create_superuser("boss"))
    assert "Odd: overall" in client.get("/status/").content.decode()
