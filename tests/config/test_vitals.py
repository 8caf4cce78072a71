"""Which workers send a sign of life."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from arena import broker, processes
from config import heart
from config.limits import VITALS
from config.vitals import Vitals, Work
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


def test_idle_worker_beats(pipe: int, connection: redis.Redis) -> None:
    worker = Vitals(connection, ["core"], 8, Work())
    worker.beat()
    assert heard(pipe) == 1
    [silence] = processes.look(connection).silences["core"]
    assert silence < 1


def test_worker_that_takes_nothing_of_what_waits_is_silent(
    pipe: int, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Vitals(connection, ["core"], 8, Work())
    bend(monkeypatch, VITALS, idle_s=0.0)
    connection.lpush("core", "{}")
    worker.beat()
    assert heard(pipe) == 0
    assert processes.look(connection).silences["core"] == []


def test_worker_with_all_threads_at_work_beats(
    pipe: int, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work()
    work._begin("one")
    worker = Vitals(connection, ["core"], 1, work)
    connection.lpush("core", "{}")
    bend(monkeypatch, VITALS, idle_s=0.05)
    time.sleep(0.1)
    worker.beat()
    assert heard(pipe) == 1


@pytest.mark.parametrize(("queue", "beats"), [("core", 0), ("background", 1)])
def test_only_a_core_worker_is_stuck_in_a_long_task(
    queue: str, beats: int, pipe: int, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, VITALS, stuck_s=0.0)
    work = Work()
    work._begin("a task")
    Vitals(connection, [queue], 8, work).beat()
    assert heard(pipe) == beats


def test_worker_without_a_broker_beats(pipe: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bend(monkeypatch, VITALS, stuck_s=0.0)
    work = Work()
    work._begin("a task that waits for the broker")
    away = redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
    Vitals(away, ["core"], 8, work).beat()
    assert heard(pipe) == 1


def test_process_without_a_supervisor_writes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(heart.VARIABLE, raising=False)
    heart.beat()


def test_supervisor_that_does_not_read_holds_nobody_up(
    pipe: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.set_blocking(int(os.environ[heart.VARIABLE]), False)
    for _ in range(100_000):
        heart.beat()
