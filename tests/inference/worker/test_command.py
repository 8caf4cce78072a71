"""Processes started by the worker's command, with Celery, and their queues."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from celery import current_app
from django.conf import settings

from arena.matchmaking.waiting import MOST_WAITING
from inference.contract import streams
from inference.contract.presence import live_workers
from inference.contract.requests import GenerateRequest
from inference.contract.streams import Kind

ROOT = Path(__file__).parents[3]
AT_ONCE_S = 30.0  # the answers before take a minute


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture
def folder(weights: Path, tmp_path: Path) -> Path:
    """A folder with two models."""
    for name in ("Popular", "Rare"):
        (tmp_path / f"{name}.gguf").symlink_to(weights)
    return tmp_path


@contextmanager
def worker(folder: Path, *options: str, slots: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [
            sys.executable,
            "manage.py",
            "inference_worker",
            f"--slots={slots}",
            "--context=2048",
            *options,
        ],
        cwd=ROOT,
        env={**os.environ, "WEIGHTS_DIR": str(folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.terminate()


def send(connection: redis.Redis, weights: str) -> str:
    request = GenerateRequest(
        stream=str(uuid.uuid4()),
        attempt=1,
        weights=weights,
        messages=[{"role": "user", "content": "Write a very long story about a lighthouse."}],
        max_tokens=1800,
        deadline_s=60.0,
    )
    streams.begin_attempt(connection, request.stream, 1)
    current_app.send_task("inference.generate", args=[request.to_dict()], queue=request.queue)
    return request.stream


def wait_for_one(connection: redis.Redis, asked: list[str]) -> None:
    until = time.monotonic() + AT_ONCE_S
    while not any(streams.last_entry(connection, stream) for stream in asked):
        assert time.monotonic() < until, "nobody has begun it"
        time.sleep(0.05)


def give_up(connection: redis.Redis, asked: list[str]) -> None:
    for stream in asked:
        streams.begin_attempt(connection, stream, 2)


def test_queue_of_a_popular_model_keeps_nobody_from_a_rare_one(
    folder: Path, connection: redis.Redis
) -> None:
    with worker(folder, slots=1):
        asked = [send(connection, "Popular") for _ in range(1 + MOST_WAITING)]
        wait_for_one(connection, asked)
        asked.append(send(connection, "Rare"))
        wait_for_one(connection, asked[-1:])
        give_up(connection, asked)


def test_two_workers_share_one_queue(folder: Path, connection: redis.Redis) -> None:
    with worker(folder, slots=4), worker(folder, slots=4):
        asked = [send(connection, "Popular") for _ in range(8)]
        until = time.monotonic() + AT_ONCE_S  # the workers may have to load the weights first
        while [bool(beat.load.get("Popular")) for beat in live_workers(connection)] != [True] * 2:
            assert time.monotonic() < until, "one of them has had none"
            time.sleep(0.1)
        give_up(connection, asked)


def test_worker_that_is_told_to_stop_ends_its_answers_if_it_has_the_time(
    folder: Path, connection: redis.Redis
) -> None:
    with worker(folder, "--grace=150", slots=1) as process:
        asked = send(connection, "Popular")  # takes longer than the usual grace
        wait_for_one(connection, [asked])
        process.terminate()
        until = time.monotonic() + AT_ONCE_S
        while "Popular" in [name for beat in live_workers(connection) for name in beat.serves]:
            assert time.monotonic() < until, "it still offers itself"
            time.sleep(0.05)
        process.wait(timeout=160)
        assert process.returncode == 0
    entries = streams.all_entries(connection, asked)
    assert entries[-1].kind is Kind.END
    assert entries[-1].text in ("stop", "length", "deadline")
    assert {entry.attempt for entry in entries} == {1}
