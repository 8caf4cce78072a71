"""One odd campaign, board, slice or date: it fails alone, says so, and the others go on."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from arena.models import Campaign, Contestant, Import, ImportedVote, Tally
from ratings import apart, boards, cached, publishing, snapshots, troubles, vote_facts
from ratings.alone import RATING, REFRESHING, SLOW, alone
from ratings.core.errors import ConvergenceError
from ratings.fingerprints import fingerprints
from ratings.models import Board, Snapshot, Trouble

from .conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)
COMPUTING, PUBLISHING = Trouble.What.COMPUTING, Trouble.What.PUBLISHING


@pytest.fixture
def odd(contestants: list[Contestant], votes: None) -> Campaign:
    """A second campaign, beside one that is well."""
    odd = Campaign.objects.create(slug="odd", name="Odd", kind=Campaign.Kind.IMPORTED)
    a, b, c = contestants
    tally(odd, a, b, 10, 10, 0, 0)
    tally(odd, b, c, 10, 10, 0, 0)
    return odd


def made(campaign: str) -> set[str]:
    return set(
        Snapshot.objects.filter(board__campaign__slug=campaign).values_list(
            "board__slug", flat=True
        )
    )


def failing(where: str, how: BaseException, monkeypatch: pytest.MonkeyPatch) -> list[Board]:
    """Rating the boards of this campaign raises; those that were tried."""
    tried: list[Board] = []
    rate = publishing.rate

    def rate_or_fail(board: Board, *args: Any) -> Any:
        if board.campaign.slug == where and board.method == Board.Method.BRADLEY_TERRY:
            tried.append(board)
            raise how
        return rate(board, *args)

    monkeypatch.setattr(publishing, "rate", rate_or_fail)
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
    snapshots.refresh_all()
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
        snapshots.refresh_all()
    assert len(tried) == len(set(tried)) == 3  # each once
    pauses = []
    for _ in range(20):
        try_again_now()
        snapshots.refresh_all()
        trouble = Trouble.objects.get(board__campaign=odd, board__slug="overall")
        pauses.append(round((trouble.retry - timezone.now()).total_seconds()))
    assert pauses == sorted(pauses)
    assert 20 < pauses[0] <= 30
    assert 3590 < pauses[-1] <= 3600
    logged = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert len(logged) == 3  # boards


def test_trouble_goes_when_the_board_is_computed(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    with monkeypatch.context() as patch:
        failing("odd", ConvergenceError("after 100 steps"), patch)
        snapshots.refresh_all()
    assert Trouble.objects.exists()
    try_again_now()
    snapshots.refresh_all()
    assert not Trouble.objects.exists()
    cached.clear()
    assert "could not be computed" not in client.get("/leaderboard/odd/").content.decode()


def test_older_board_is_shown_with_the_reason_why_it_is_old(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    snapshots.refresh_all()
    Tally.objects.filter(campaign=odd).update(first_wins=11)
    failing("odd", ConvergenceError("after 100 steps"), monkeypatch)
    snapshots.refresh_all()
    page = client.get("/leaderboard/odd/").content.decode()
    assert troubles.LOPSIDED in page
    assert "Ada" in page


def test_database_that_is_away_is_no_trouble_of_a_board(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing("odd", OperationalError("the connection is closed"), monkeypatch)
    with pytest.raises(OperationalError):
        snapshots.refresh_all()
    assert not Trouble.objects.exists()


def test_publication_that_fails_keeps_no_other_back(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, tried = publishing.publish, []

    def publish_or_fail(draft: Snapshot) -> Snapshot:
        if draft.board.campaign == odd:
            tried.append(draft)
            raise OverflowError("date value out of range")
        return publish(draft)

    monkeypatch.setattr(publishing, "publish", publish_or_fail)
    for _ in range(3):
        snapshots.refresh_all()
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
    snapshots.refresh_all()
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
    snapshots.refresh_all()
    assert not Trouble.objects.exists()
    published = Snapshot.objects.exclude(published=None).get(
        board__campaign=odd, board__slug="overall"
    )
    pace = published.facts["votes"]["pace"]
    assert pace == {"unit": "day", "periods": [["2026-01-05", 0, 1]], "undated": 1}
    page = client.get("/leaderboard/odd/statistics/")
    assert "without a date that can be right" in page.content.decode()
    assert len(page.content) < 200_000


def test_date_that_python_cannot_tell_stops_nothing(
    odd: Campaign, contestants: list[Contestant]
) -> None:
    source = Import.objects.create(campaign=odd, format="csv", sha256="x", votes=1)
    a, b, _ = contestants
    ImportedVote.objects.create(source=source, contestant_a=a, contestant_b=b, verdict="A")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE arena_importedvote SET at = '12345-01-01 00:00+00'")
    snapshots.refresh_all()
    assert not Trouble.objects.exists()
    assert "overall" in made("odd")


def test_counts_beyond_all_numbers_stop_no_other_campaign(
    odd: Campaign, contestants: list[Contestant]
) -> None:
    Tally.objects.filter(campaign=odd).update(first_wins=2**62, second_wins=2**62, ties=2**62)
    snapshots.refresh_all()
    assert "overall" in made("arena")


def test_board_in_trouble_is_told_to_staff_alone(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    failing("odd", ConvergenceError("after 100 steps"), monkeypatch)
    snapshots.refresh_all()
    assert "Odd: overall" not in client.get("/status/").content.decode()
    client.force_login(User.objects.create_superuser("boss"))
    assert "Odd: overall" in client.get("/status/").content.decode()


def in_another_session(held: tuple[int, int], work: Callable[[], object]) -> None:
    """Do `work` while another connection, as of another worker, holds a lock."""
    taken, over = threading.Event(), threading.Event()

    def hold() -> None:
        with alone(*held) as is_mine:
            assert is_mine
            taken.set()
            over.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(30)
    try:
        work()
    finally:
        over.set()
        holder.join()


def test_one_worker_at_a_time_goes_through_the_boards(odd: Campaign) -> None:
    in_another_session((REFRESHING, 0), snapshots.refresh_all)
    assert not Snapshot.objects.exists()
    snapshots.refresh_all()
    assert Snapshot.objects.exists()


def test_board_that_another_worker_computes_is_left_to_it(odd: Campaign) -> None:
    boards.ensure(fingerprints())
    board = Board.objects.get(campaign=odd, slug="overall")
    in_another_session((RATING, board.pk), snapshots.refresh_all)
    assert made("odd") == {"overall-davidson", "overall-rao-kupper"}
    assert "overall" in made("arena")


def test_large_board_is_handed_over_and_keeps_no_other_back(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "LARGE_MODELS", 2)
    handed: list[tuple[Board, Trouble.What]] = []
    snapshots.refresh_all(hand_over=lambda *given: handed.append(given))
    assert [what for _, what in handed] == [COMPUTING]  # one at a time
    assert not Snapshot.objects.exists()
    monkeypatch.setattr(apart, "LARGE_MODELS", 100)
    snapshots.refresh_all(hand_over=lambda *given: handed.append(given))
    assert len(handed) == 1
    assert "overall" in made("odd")


def test_board_that_took_long_has_its_own_process_until_it_is_quick_again(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[Board] = []

    def refresh() -> list[Snapshot]:
        return snapshots.refresh_all(hand_over=lambda board, what: handed.append(board))

    monkeypatch.setattr(apart, "SLOW_S", 0.0)
    refresh()
    assert Board.objects.filter(campaign=odd, slug="overall", is_slow=True).exists()
    monkeypatch.setattr(apart, "SLOW_S", 60.0)
    Tally.objects.filter(campaign=odd).update(first_wins=11)
    assert odd.slug not in {snapshot.board.campaign.slug for snapshot in refresh()}
    assert handed[-1].campaign == odd
    snapshots.compute(Board.objects.get(campaign=odd, slug="overall"))  # as its process does
    assert not Board.objects.get(campaign=odd, slug="overall").is_slow


def test_slow_board_waits_while_another_is_under_way(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "LARGE_MODELS", 2)
    handed: list[Board] = []
    in_another_session(
        (SLOW, 0),
        lambda: snapshots.refresh_all(hand_over=lambda board, what: handed.append(board)),
    )
    assert handed == []


@pytest.fixture
def board(odd: Campaign) -> Board:
    boards.ensure(fingerprints())
    return Board.objects.get(campaign=odd, slug="overall")


def test_board_that_takes_too_long_is_ended_and_says_so(
    board: Board, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setitem(apart.LIMIT_S, COMPUTING, 0.1)
    apart.run(board, COMPUTING)
    page = client.get("/leaderboard/odd/").content.decode()
    assert "This board could not be computed: it took longer than 0 s." in page
    assert not Snapshot.objects.filter(board=board).exists()


@pytest.mark.parametrize(
    ("program", "reason"),
    [("kill -9 $$", "its process was ended (SIGKILL)"), ("exit 3", troubles.FAULT)],
)
def test_process_of_a_board_that_dies_is_the_boards_trouble(
    program: str, reason: str, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda command, **how: run(["/bin/sh", "-c", program], **how)
    )
    apart.run(board, COMPUTING)
    assert Trouble.objects.get(board=board).reason.startswith(reason)


def test_process_of_its_own_computes_and_publishes(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "limit_memory", lambda: None)  # it would be ours
    monkeypatch.setattr(apart, "die_with_worker", lambda: None)
    call_command("compute_board", str(board.pk), "computing")
    assert Snapshot.objects.get(board=board).published is None
    call_command("compute_board", str(board.pk), "publishing")
    assert Snapshot.objects.get(board=board).published is not None


def test_process_of_a_board_has_half_of_the_memory() -> None:
    program = (
        "from ratings import apart; apart.limit_memory()\n"
        "import resource; print(resource.getrlimit(resource.RLIMIT_AS)[0])"
    )
    found = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{program}"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert int(found.stdout) == max(whole // 2, apart.LEAST_MEMORY)
