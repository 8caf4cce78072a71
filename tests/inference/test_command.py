"""The worker's command with Celery and all: what waits for one model keeps nobody from another."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from celery import current_app
from django.conf import settings

from arena.waiting import MOST_WAITING
from inference import streams
from inference.requests import GenerateRequest

ROOT = Path(__file__).parents[2]
AT_ONCE_S = 4.0


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture
def process(weights: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker of one slot for each of two models."""
    for name in ("Popular", "Rare"):
        (tmp_path / f"{name}.gguf").symlink_to(weights)
    with subprocess.Popen(
        [sys.executable, "manage.py", "inference_worker", "--slots", "1", "--context", "2048"],
        cwd=ROOT,
        env={**os.environ, "WEIGHTS_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
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


def test_queue_of_a_popular_model_keeps_nobody_from_a_rare_one(
    process: subprocess.Popen[str], connection: redis.Redis
) -> None:
    asked = [send(connection, "Popular") for _ in range(1 + MOST_WAITING)]
    time.sleep(1.0)
    rare = send(connection, "Rare")
    until = time.monotonic() + AT_ONCE_S
    while streams.last_entry(connection, rare) is None:
        assert time.monotonic() < until, "nobody has begun it"
        time.sleep(0.05)
    for stream in (*asked, rare):
        streams.begin_attempt(connection, stream, 2)
