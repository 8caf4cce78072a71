"""Workers that share the boards, and slow boards, each computed in a process of its own."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from arena import broker
from arena.models import Campaign, Tally
from evenhand.machine import usable_memory
from ratings import tasks
from ratings.boards import listing
from ratings.boards.fingerprints import fingerprints
from ratings.limits import BOARDS
from ratings.management.commands import compute_board
from ratings.models import Board, Snapshot, Trouble
from ratings.refreshing import apart, drafts, troubles
from ratings.refreshing.alone import RATING, REFRESHING, SLOW, alone
from tests.bending import bend

from .test_troubles import made

pytestmark = pytest.mark.django_db(transaction=True)
COMPUTING, PUBLISHING = Trouble.What.COMPUTING, Trouble.What.PUBLISHING


@pytest.fixture(autouse=True)
def nothing_handed_over() -> Iterator[None]:
    broker.connection().delete(apart.HANDED_OVER)
    yield
    broker.connection().delete(apart.HANDED_OVER)


def in_another_session(held: tuple[int, int], work: Callable[[], object]) -> None:
    """Do `work` while another connection, like another worker, holds a lock."""
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
    in_another_session((REFRESHING, 0), drafts.refresh_all)
    assert not Snapshot.objects.exists()
    drafts.refresh_all()
    assert Snapshot.objects.exists()


def test_board_that_another_worker_computes_is_left_to_it(odd: Campaign) -> None:
    listing.ensure(fingerprints())
    board = Board.objects.get(campaign=odd, slug="overall")
    in_another_session((RATING, board.pk), drafts.refresh_all)
    assert made("odd") == {"overall-davidson", "overall-rao-kupper"}
    assert "overall" in made("arena")


def test_large_board_is_handed_over_and_keeps_no_other_back(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "LARGE_MODELS", 2)
    handed: list[tuple[Board, Trouble.What]] = []
    drafts.refresh_all(hand_over=lambda *given: handed.append(given))
    assert [what for _, what in handed] == [COMPUTING]  # one at a time
    assert not Snapshot.objects.exists()
    monkeypatch.setattr(apart, "LARGE_MODELS", 100)
    drafts.refresh_all(hand_over=lambda *given: handed.append(given))
    assert len(handed) == 1
    assert "overall" in made("odd")


def test_board_that_took_long_has_its_own_process_until_it_is_quick_again(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[Board] = []

    def refresh() -> list[Snapshot]:
        return drafts.refresh_all(hand_over=lambda board, what: handed.append(board))

    bend(monkeypatch, BOARDS, slow_s=0.0)
    refresh()
    assert Board.objects.filter(campaign=odd, slug="overall", is_slow=True).exists()
    bend(monkeypatch, BOARDS, slow_s=60.0)
    Tally.objects.filter(campaign=odd).update(first_wins=11)
    assert odd.slug not in {snapshot.board.campaign.slug for snapshot in refresh()}
    assert handed[-1].campaign == odd
    drafts.compute(Board.objects.get(campaign=odd, slug="overall"))  # as the child process does
    assert not Board.objects.get(campaign=odd, slug="overall").is_slow


def test_slow_board_is_handed_over_once_until_it_begins(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "LARGE_MODELS", 2)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0))
    handed: list[Board] = []

    def refresh() -> None:
        drafts.refresh_all(hand_over=lambda board, what: handed.append(board))

    for _ in range(3):  # the queue is slow to start
        refresh()
    assert len(handed) == 1
    apart.run(handed[0], COMPUTING)
    refresh()
    assert len(handed) == 2
    assert 0 < broker.connection().ttl(apart.HANDED_OVER) <= BOARDS.waits_s  # if its task is lost


def test_task_of_a_slow_board_is_dropped_when_it_is_too_old(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[int, str]] = []
    run: list[int] = []
    monkeypatch.setattr(drafts, "looks", drafts.Looks())  # earlier looks may have been long
    monkeypatch.setattr(apart, "is_slow", lambda board, now: True)
    monkeypatch.setattr(tasks.compute_board, "delay", lambda *given: sent.append(given))
    monkeypatch.setattr(apart, "run", lambda board, what: run.append(board.pk))
    tasks.refresh_boards()
    [given] = sent
    tasks.compute_board(*given)
    assert run == [given[0]]
    broker.connection().delete(apart.HANDED_OVER)  # it expires by the broker's clock
    tasks.compute_board(*given)
    assert run == [given[0]]


def test_publication_of_a_slow_board_goes_before_the_next_computation(
    board: Board, odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a steady stream of votes would starve it."""
    drafts.compute(board)
    Tally.objects.filter(campaign=odd).update(first_wins=11)
    monkeypatch.setattr(apart, "LARGE_MODELS", 2)
    handed: list[Any] = []
    drafts.refresh_all(hand_over=lambda *given: handed.append(given))
    assert handed == [(board, PUBLISHING)]


def test_slow_board_waits_while_another_is_under_way(
    odd: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "LARGE_MODELS", 2)
    handed: list[Board] = []
    in_another_session(
        (SLOW, 0),
        lambda: drafts.refresh_all(hand_over=lambda board, what: handed.append(board)),
    )
    assert handed == []


@pytest.fixture
def board(odd: Campaign) -> Board:
    listing.ensure(fingerprints())
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
    [("kill -9 $$", "its process was killed (SIGKILL)"), ("exit 3", troubles.FAULT)],
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
    monkeypatch.setattr(apart, "limit_memory", lambda: None)  # not in this process
    monkeypatch.setattr(compute_board, "die_with_parent", lambda how: None)
    call_command("compute_board", str(board.pk), "computing")
    assert Snapshot.objects.get(board=board).published is None
    call_command("compute_board", str(board.pk), "publishing")
    assert Snapshot.objects.get(board=board).published is not None


def test_process_of_a_board_has_half_of_the_memory() -> None:
    program = (
        "from ratings.refreshing import apart; apart.limit_memory()\n"
        "import resource; print(resource.getrlimit(resource.RLIMIT_AS)[0])"
    )
    found = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{program}"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(found.stdout) == max(usable_memory() // 2, apart.LEAST_MEMORY)


def test_process_of_a_board_keeps_to_its_control_group(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = []
    monkeypatch.setattr(resource, "setrlimit", lambda what, limit: limits.append(limit[0]))
    monkeypatch.setattr(apart, "usable_memory", lambda: 6 << 30)
    apart.limit_memory()
    assert limits == [3 << 30]
