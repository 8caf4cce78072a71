"""Several workers on the same weights, with Celery: what waits is begun wherever a slot is free, in
the order in which clients take turns."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
import redis
from celery import current_app

from inference.contract import streams, waiting
from inference.contract.presence import live_workers
from inference.contract.requests import GenerateRequest
from tests.live.site import until

from .test_command import connection, give_up, worker

__all__ = ["connection"]
WAITING = 6
LONG, SHORT = 1800, 8  # tokens


@pytest.fixture
def folder(weights: Path, tmp_path: Path) -> Path:
    (tmp_path / "Shared.gguf").symlink_to(weights)
    return tmp_path


def ask(connection: redis.Redis, client: str = "", max_tokens: int = LONG) -> str:
    request = GenerateRequest(
        stream=str(uuid.uuid4()),
        attempt=1,
        weights="Shared",
        messages=[{"role": "user", "content": "Write a very long story about a lighthouse."}],
        max_tokens=max_tokens,
        deadline_s=110.0,
        client=client,
    )
    streams.begin_attempt(connection, request.stream, 1)
    waiting.offer(connection, request)
    current_app.send_task("inference.generate", args=[request.to_dict()], queue=request.queue)
    return request.stream


def loads(connection: redis.Redis) -> list[tuple[int, int]]:
    """Of each worker: answers that are written, and those that wait inside."""
    return sorted((beat.running, beat.waiting) for beat in live_workers(connection))


def test_added_worker_begins_what_waits_for_the_first(
    folder: Path, connection: redis.Redis
) -> None:
    with worker(folder, slots=1):
        asked = [ask(connection) for _ in range(1 + WAITING)]
        until(lambda: loads(connection) == [(1, 0)], "one is written, and none waits inside", 60)
        with worker(folder, slots=2):
            until(lambda: loads(connection) == [(1, 0), (2, 0)], "every slot is taken", 60)
        give_up(connection, asked)


def test_clients_take_turns_in_what_no_worker_has_begun(
    folder: Path, connection: redis.Redis
) -> None:
    with worker(folder, slots=1):
        first = ask(connection, "net/flooder")
        until(lambda: streams.last_entry(connection, first), "the first is begun", 60)
        flood = [ask(connection, "net/flooder", SHORT) for _ in range(4)]
        battle = [ask(connection, "home/volunteer", SHORT) for _ in range(2)]
        batch = ask(connection, "", SHORT)
        give_up(connection, [first])
        asked = [*flood, *battle, batch]
        until(lambda: all(has_ended(connection, stream) for stream in asked), "their ends", 60)
    began = sorted(asked, key=lambda stream: streams.all_entries(connection, stream)[0].at)
    assert began == [flood[0], *battle, *flood[1:], batch]  # a turn is two answers


def has_ended(connection: redis.Redis, stream: str) -> bool:
    entry = streams.last_entry(connection, stream)
    return entry is not None and entry.kind is streams.Kind.END
