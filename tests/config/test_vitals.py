"""When a worker beats, and when it says that it hangs and ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from arena import broker, processes
from config import heart
from config.limits import VITALS
from config.transport import Room
from config.vitals import Vitals
from config.work import Work
from inference.contract import loops
from tests.bending import bend


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The supervisor's end of the pipe."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    monkeypatch.setenv(heart.VARIABLE, str(writing))
    yield reading
    os.close(reading)
    os.close(writing)


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    found = broker.connection()
    found.delete("core", "processes:core")
    yield found
    found.delete("core", "processes:core")


def heard(pipe: int) -> int:
    try:
        return len(os.read(pipe, 100))
    except BlockingIOError:
        return 0


@pytest.fixture(autouse=True)
def no_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "_turned", {})
    loops._looks.clear()


class Watched(Vitals):
    """Keeps what it says before it would end."""

    def __init__(
        self,
        *queues: str,
        work: Work | None = None,
        threads: int = 8,
        has_room: Room | None = None,
    ) -> None:
        self.said: list[str] = []
        super().__init__(
            broker.connection(), queues, threads, work or Work(), stop=self.said.append,
            has_room=has_room,
        )  # fmt: skip


def with_task(stack: ExitStack) -> Work:
    work = Work()
    stack.enter_context(work.piece())
    return work


def test_idle_worker_beats(pipe: int, connection: redis.Redis) -> None:
    worker = Watched("core")
    worker.beat()
    assert (heard(pipe), worker.said) == (1, [])
    [silence] = processes.look(connection).silences["core"]
    assert silence < 1


@pytest.mark.parametrize("queue", ["core", "model.some-weights"])
def test_worker_that_takes_nothing_of_what_waits_ends(
    queue: str, pipe: int, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Watched(queue)
    bend(monkeypatch, VITALS, idle_s=0.0)
    connection.lpush(queue, "{}")
    worker.beat()
    connection.delete(queue)
    assert worker.said == ["tasks wait and threads are idle, but it takes none"]
    assert heard(pipe) == 0
    assert processes.look(connection).silences["core"] == []


def test_worker_without_a_free_slot_leaves_what_waits_to_others(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Watched("model.full", "model.free", has_room=lambda queue, held: queue != "model.full")
    bend(monkeypatch, VITALS, idle_s=0.05)
    complaint = "tasks wait and threads are idle, but it takes none"
    for queue, said in [("full", []), ("free", [complaint])]:
        connection.lpush(f"model.{queue}", "{}")
        time.sleep(0.1)
        worker.beat()
        connection.delete(f"model.{queue}")
        assert worker.said == said


def test_worker_that_connects_again_and_again_does_not_hang(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Watched("core")
    bend(monkeypatch, VITALS, idle_s=0.01)
    connection.lpush("core", "{}")
    worker._reconnections = iter((1, 2, 2)).__next__
    for ends in ([], [], ["tasks wait and threads are idle, but it takes none"]):
        worker.beat()
        assert worker.said == ends
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("queue", "said"),
    [
        ("core", ["tasks wait, and none of those that occupy its threads ends"]),
        ("background", []),  # exports and imports may take long
    ],
)
def test_only_a_core_worker_whose_threads_are_all_stuck_ends(
    queue: str, said: list[str], pipe: int, connection: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with ExitStack() as stack:
        worker = Watched(queue, work=with_task(stack), threads=1)
        connection.lpush(queue, "{}")
        bend(monkeypatch, VITALS, idle_s=0.05)
        time.sleep(0.1)
        worker.beat()
    connection.delete(queue)
    assert worker.said == said
    assert heard(pipe) == (0 if said else 1)


@pytest.mark.parametrize(("queue", "ends"), [("core", 1), ("background", 0)])
def test_only_a_core_worker_is_stuck_in_a_long_task(
    queue: str, ends: int, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, VITALS, stuck_s=0.0)
    with ExitStack() as stack:
        worker = Watched(queue, work=with_task(stack))
        worker.beat()
    assert worker.said == ["a task has not ended for 0 s"] * ends


def test_task_that_computes_is_told_from_one_that_waits(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, VITALS, computing_s=0.2)
    with ExitStack() as stack:
        worker = Watched("core", work=with_task(stack))
        time.sleep(0.3)
        worker.beat()
        assert worker.said == []
        until = time.thread_time() + 0.3
        while time.thread_time() < until:
            pass
        worker.beat()
    assert worker.said == ["a task computes and does not end"]
    worker.beat()
    assert len(worker.said) == 1  # it has ended


def test_worker_whose_clock_stands_still_ends(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Watched("background")
    loops.turn("clock")
    worker.beat()
    assert worker.said == []
    bend(monkeypatch, VITALS, loop_s=0.0)
    worker.beat()
    loops.leave("clock")
    worker.beat()
    assert worker.said == ["its clock stands still"]


def test_worker_that_was_frozen_begins_anew(pipe: int, connection: redis.Redis) -> None:
    with ExitStack() as stack:
        work = with_task(stack)
        worker = Watched("core", work=work)
        worker.beat()
        [piece] = work._pieces.values()
        long_ago = time.monotonic() - 1000  # as if all had stood still since
        loops._turned["clock"] = piece.began = worker._well = work.moved = long_ago
        loops._looks[-1] = long_ago
        connection.lpush("core", "{}")
        worker.beat()
        assert (heard(pipe), worker.said) == (2, [])
        loops._turned["clock"] -= 1000
        worker.beat()
    assert worker.said == ["its clock stands still"]


def test_worker_without_a_broker_beats(pipe: int) -> None:
    away = redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
    loops._turned["clock"] = time.monotonic() - 1000
    with ExitStack() as stack:
        work = with_task(stack)
        [piece] = work._pieces.values()
        piece.began -= 1000
        worker = Watched("core", work=work)
        worker._connection = away
        worker.beat()
        worker._connection = broker.connection()
        worker.beat()  # what waited for the broker has time now
    assert (heard(pipe), worker.said) == (2, [])


def test_worker_without_a_database_beats(
    pipe: int, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, VITALS, stuck_s=0.0)
    with ExitStack() as stack:
        worker = Watched("core", work=with_task(stack))
        with monkeypatch.context() as patch:
            patch.setitem(settings.DATABASES["default"], "HOST", "/nowhere")
            worker.beat()
        assert (heard(pipe), worker.said) == (1, [])
        worker.beat()
    assert (heard(pipe), worker.said) == (0, ["a task has not ended for 0 s"])


def test_process_without_a_supervisor_writes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(heart.VARIABLE, raising=False)
    heart.beat()


def test_supervisor_that_does_not_read_holds_nobody_up(
    pipe: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.set_blocking(int(os.environ[heart.VARIABLE]), False)
    for _ in range(100_000):
        heart.beat()
