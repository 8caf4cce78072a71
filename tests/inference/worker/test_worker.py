"""The worker with its real engine and real streams; only Celery is left out."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings

from inference.contract import streams
from inference.contract.limits import STOPPING
from inference.contract.requests import GenerateRequest, GenerateResult
from inference.contract.streams import Kind
from inference.contract.weights import SMOLLM2
from inference.engine.inspection import inspect
from inference.worker.backends import Host, llama_cpp
from inference.worker.service import Worker
from tests.bending import bend


@pytest.fixture(scope="module")
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture(scope="module")
def worker(weights: Path, connection: redis.Redis) -> Iterator[Worker]:
    worker = Worker(connection, Host(weights.parent, ram_bytes=2 * 10**9, slots=4, context=1024))
    yield worker
    worker.close()


def request(model: Path, /, **changes: object) -> GenerateRequest:
    given: dict[str, Any] = {
        "stream": str(uuid.uuid4()),
        "attempt": 1,
        "weights": model.stem,
        "messages": [{"role": "user", "content": "What is the capital of France?"}],
        "sampling": {"temperature": 0.0},
        "max_tokens": 24,
    }
    return GenerateRequest(**{**given, **changes})


def run(worker: Worker, connection: redis.Redis, asked: GenerateRequest) -> GenerateResult:
    streams.begin_attempt(connection, asked.stream, asked.attempt)
    return worker.generate(asked)


def text_of(connection: redis.Redis, stream: str) -> str:
    entries = streams.all_entries(connection, stream)
    return "".join(entry.text for entry in entries if entry.kind is Kind.TEXT)


def test_result_is_what_was_streamed(
    worker: Worker, connection: redis.Redis, weights: Path
) -> None:
    asked = request(weights)
    result = run(worker, connection, asked)
    assert result.text.strip()
    assert result.text == text_of(connection, asked.stream)
    assert result.finish_reason in ("stop", "length")
    assert 0 < (result.first_token_s or 0) <= result.total_s
    assert result.completion_tokens > 0
    assert result.engine.startswith("llama.cpp ")
    assert result.weights_sha256 == SMOLLM2.sha256
    kinds = [entry.kind for entry in streams.all_entries(connection, asked.stream)]
    assert (kinds[0], kinds[-1]) == (Kind.BEAT, Kind.END)


def test_answer_nobody_waits_for_any_more_is_cancelled(
    worker: Worker, connection: redis.Redis, weights: Path
) -> None:
    asked = request(
        weights, max_tokens=900, messages=[{"role": "user", "content": "Tell a long story."}]
    )
    streams.begin_attempt(connection, asked.stream, 1)
    results: list[GenerateResult] = []
    thread = threading.Thread(target=lambda: results.append(worker.generate(asked)))
    thread.start()
    while not text_of(connection, asked.stream):
        time.sleep(0.01)
    streams.begin_attempt(connection, asked.stream, 2)
    thread.join(timeout=60)
    assert [result.finish_reason for result in results] == ["cancelled"]
    assert text_of(connection, asked.stream) != ""


def test_heartbeat_tells_what_is_made_from_what_waits(
    worker: Worker, connection: redis.Redis, weights: Path
) -> None:
    story = [{"role": "user", "content": "Tell a long story."}]
    asked = [request(weights, max_tokens=900, messages=story) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        results = [threads.submit(run, worker, connection, each) for each in asked]
        until = time.monotonic() + 60
        beat = worker.describe()
        while (beat.running, beat.waiting) != (4, 2):
            assert time.monotonic() < until
            time.sleep(0.05)
            beat = worker.describe()
        assert (beat.load, beat.queued) == ({weights.stem: 4}, {weights.stem: 2})
        assert beat.free(weights.stem) == 0
        for each in asked:
            streams.begin_attempt(connection, each.stream, 2)
        for result in results:
            result.result(timeout=60)
    beat = worker.describe()
    assert (beat.running, beat.waiting, beat.free(weights.stem)) == (0, 0, 4)


def test_request_that_waited_too_long_is_not_begun(
    worker: Worker, connection: redis.Redis, weights: Path
) -> None:
    asked = request(weights, patience_s=100.0)
    streams.begin_attempt(connection, asked.stream, 1)
    queued = f"answer:{asked.stream}:queued"
    connection.set(queued, float(connection.get(queued) or 0) - 101)  # by the broker's clock
    result = worker.generate(asked)
    assert (result.finish_reason, result.text) == ("overdue", "")
    assert result.queued_s > 101


def test_request_that_the_broker_has_lost_is_not_begun(
    worker: Worker, connection: redis.Redis, weights: Path
) -> None:
    assert worker.generate(request(weights)).finish_reason == "cancelled"


def test_deadline_counts_from_the_slot(
    worker: Worker, connection: redis.Redis, weights: Path
) -> None:
    story = [{"role": "user", "content": "Tell a long story."}]
    asked = request(weights, messages=story, max_tokens=900, deadline_s=3.0)
    streams.begin_attempt(connection, asked.stream, 1)
    queued = f"answer:{asked.stream}:queued"
    connection.set(queued, float(connection.get(queued) or 0) - 60)
    result = worker.generate(asked)
    assert result.finish_reason == "deadline"
    assert result.text
    assert 2.9 < result.total_s < 60  # it waited that long
    assert result.queued_s > 60


def test_response_time_counts_from_the_slot_and_the_wait_for_one_apart(
    worker: Worker, connection: redis.Redis, weights: Path
) -> None:
    story = [{"role": "user", "content": "Tell a long story."}]
    long = [request(weights, max_tokens=900, messages=story) for _ in range(4)]
    with ThreadPoolExecutor(5) as threads:
        running = [threads.submit(run, worker, connection, each) for each in long]
        while any(not text_of(connection, each.stream) for each in long):
            time.sleep(0.01)
        begun = time.monotonic()
        waiting = threads.submit(run, worker, connection, request(weights))
        time.sleep(1.0)
        for each in long:
            streams.begin_attempt(connection, each.stream, 2)
        result = waiting.result(timeout=60)
        wall = time.monotonic() - begun
        for one in running:
            one.result(timeout=60)
    assert result.queued_s > 0.9
    assert 0 < (result.first_token_s or 0) <= result.total_s < wall - 0.9


def test_answer_whose_weights_loaded_too_long_is_overdue(
    worker: Worker, connection: redis.Redis, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = request(weights, patience_s=0.5)
    local = worker.backend("llama_cpp")

    @contextmanager
    def load_slowly(*_: Any, **__: Any) -> Iterator[Any]:
        time.sleep(0.6)
        with lease(weights) as engine:
            yield engine

    assert isinstance(local, llama_cpp.Backend)
    lease = local.shelf.lease
    monkeypatch.setattr(local.shelf, "lease", load_slowly)
    result = run(worker, connection, asked)
    assert (result.finish_reason, result.text) == ("overdue", "")
    assert result.queued_s > 0.6


def test_answer_that_waits_for_memory_is_handed_back_when_its_worker_stops(
    weights: Path, connection: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, STOPPING, answers_s=0.2)
    files = [tmp_path / f"{name}.gguf" for name in "ab"]
    for file in files:
        file.symlink_to(weights)
    room = int(1.1 * inspect(weights).memory(slots=1, context=256))
    worker = Worker(connection, Host(tmp_path, ram_bytes=room, slots=1, context=256))
    local = worker.backend("llama_cpp")
    assert isinstance(local, llama_cpp.Backend)
    with local.shelf.lease(files[0]), ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(run, worker, connection, request(files[1]))
        time.sleep(0.3)
        worker.stop()
        result = waiting.result(timeout=60)
    assert (result.error, result.permanent) == ("This worker is stopping.", False)
    assert (result.handed_back, result.text) == (True, "")


def test_answer_that_is_handed_back_goes_on_at_another_worker(
    worker: Worker, weights: Path, connection: redis.Redis
) -> None:
    host = Host(weights.parent, ram_bytes=2 * 10**9, slots=1, context=1024)
    leaving = Worker(connection, host, grace_s=0.0)
    told = [{"role": "user", "content": "Write a very long story about a lighthouse."}]
    asked = request(weights, messages=told, max_tokens=900)
    with ThreadPoolExecutor(1) as threads:
        answering = threads.submit(run, leaving, connection, asked)
        began = time.monotonic()
        while len(text_of(connection, asked.stream)) < 20:
            assert time.monotonic() - began < 60
            time.sleep(0.01)
        leaving.stop()
        back = answering.result(timeout=60)
    assert back.handed_back
    assert back.text == text_of(connection, asked.stream)
    limit = 10 + len(back.text) // 2  # tokens: fewer than that are written, and some will be added
    again = replace(asked, attempt=2, begun=back.text, max_tokens=limit)
    result = run(worker, connection, again)
    assert result.text.startswith(back.text)
    assert len(result.text) > len(back.text)
    assert result.completion_tokens <= limit
    entries = [e for e in streams.all_entries(connection, asked.stream) if e.attempt == 2]
    assert (entries[0].kind, entries[0].text) == (Kind.GOES_ON, str(len(back.text)))
    assert "".join(e.text for e in entries if e.kind is Kind.TEXT) == result.text


@pytest.mark.parametrize("name", ["absent", "../secret", "/etc/passwd"])
def test_weights_that_are_not_there_are_a_sentence(
    worker: Worker, connection: redis.Redis, weights: Path, name: str
) -> None:
    result = run(worker, connection, request(weights, weights=name))
    assert result.permanent
    assert result.error.startswith(f"There are no weights {name!r}")


def test_wrong_parameter_is_a_sentence(
    worker: Worker, connection: redis.Redis, weights: Path
) -> None:
    result = run(worker, connection, request(weights, sampling={"temprature": 1}))
    assert result.permanent
    assert "no sampling parameter 'temprature'; the valid ones are temp" in result.error


def test_conversation_beyond_the_context_is_refused_before_decoding(
    worker: Worker, connection: redis.Redis, weights: Path
) -> None:
    long = [{"role": "user", "content": "word " * 3000}]
    result = run(worker, connection, request(weights, messages=long))
    assert result.permanent
    assert "tokens long" in result.error


def test_worker_process_cannot_reach_a_database(tmp_path: Path) -> None:
    script = (
        "import os; os.environ['ARENA_ROLE'] = 'inference'\n"
        "import django; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; django.setup()\n"
        "from arena.models import Vote\n"
        "Vote.objects.count()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1
    assert "ImproperlyConfigured: settings.DATABASES is improperly configured" in done.stderr
