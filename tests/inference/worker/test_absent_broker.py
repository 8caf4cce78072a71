"""The broker goes away while answers are generated: they continue, and are written when it is
back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from celery import Celery

from inference.contract import results, streams
from inference.contract.broker import connect, is_passing
from inference.contract.limits import BROKER, STREAMS
from inference.contract.requests import GenerateRequest
from inference.contract.streams import Kind
from inference.engine import Generation
from inference.worker.scribe import Scribe
from tests.absent import WAYS, OwnValkey, own_valkey
from tests.bending import bend

from .test_scribe import finish

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def short_of_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short timeout, as the broker is often frozen here."""
    bend(monkeypatch, BROKER, reply_s=1.0)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    with own_valkey(tmp_path) as running:
        yield running


def until(check: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("way", WAYS)
def test_answer_is_written_once_and_whole_though_the_broker_was_away(
    valkey: OwnValkey, way: str
) -> None:
    connection, stream = connect(valkey.url), str(uuid.uuid4())
    streams.begin_attempt(connection, stream, 1)
    scribe, generation = Scribe(connection), Generation()
    words = [f"word{n} " for n in range(60)]
    go, come_back = valkey.absences()[way]
    with scribe.dictation(stream, 1) as dictation:
        scribe.begin(dictation, generation)
        for word in words[:20]:
            generation.write(word)
        until(lambda: streams.last_entry(connection, stream), 60)
        time.sleep(1.5)  # the append-only file is written once a second
        go()
        for word in words[20:40]:
            generation.write(word)
            time.sleep(0.05)
        threading.Timer(2.5, come_back).start()  # more than twice the timeout
        for word in words[40:]:
            generation.write(word)
        finish(generation)
        assert dictation.wait() == "".join(words)
    *entries, end = streams.all_entries(connection, stream)
    assert "".join(entry.text for entry in entries) == "".join(words)
    assert end.kind is Kind.END
    assert generation.cancelled is False


def test_answer_is_given_up_when_the_broker_stays_away(
    valkey: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, STREAMS, patience_s=1.0)
    connection, stream = connect(valkey.url), str(uuid.uuid4())
    streams.begin_attempt(connection, stream, 1)
    scribe, generation = Scribe(connection), Generation()
    with scribe.dictation(stream, 1) as dictation:
        scribe.begin(dictation, generation)
        valkey.kill()
        generation.write("Hello")
        with pytest.raises(redis.RedisError):
            dictation.wait()


@pytest.mark.parametrize("way", WAYS)
def test_what_an_absent_broker_says_may_pass(valkey: OwnValkey, way: str) -> None:
    go, come_back = valkey.absences()[way]
    connection = connect(valkey.url)
    go()
    began = time.monotonic()
    with pytest.raises(redis.RedisError) as raised:
        connection.set("x", 1)
    assert time.monotonic() - began < 20
    pipeline = connection.pipeline()
    pipeline.set("x", 1)
    with pytest.raises(redis.RedisError) as raised_by_pipeline:
        pipeline.execute()
    assert is_passing(raised.value)
    assert is_passing(raised_by_pipeline.value)
    come_back()
    assert connection.set("x", 1)


def test_what_is_wrong_for_good_does_not_pass(valkey: OwnValkey) -> None:
    connection = connect(valkey.url)
    connection.set("x", 1)
    with pytest.raises(redis.ResponseError) as raised:
        connection.xadd("x", {"a": "b"})
    assert not is_passing(raised.value)


def test_attempt_is_made_once_however_often_its_task_is_delivered(valkey: OwnValkey) -> None:
    connection = connect(valkey.url)
    claims = [streams.claim_attempt(connection, "some", attempt) for attempt in (1, 1, 2, 1, 2)]
    assert claims == [True, False, True, False, False]


@pytest.fixture
def worker(valkey: OwnValkey, weights: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that answers from the real model."""
    environment = {**os.environ, "REDIS_URL": valkey.url, "ARENA_ROLE": "inference"}
    command = [sys.executable, str(ROOT / "manage.py"), "inference_worker", "--models"]
    process = subprocess.Popen([*command, weights.stem], env=environment)
    yield process
    process.terminate()
    process.wait(60)


def ask(queue: Celery, connection: redis.Redis, model: str, max_tokens: int = 150) -> str:
    asked = GenerateRequest(
        stream=str(uuid.uuid4()),
        attempt=1,
        weights=model,
        messages=[{"role": "user", "content": "Tell a long story."}],
        max_tokens=max_tokens,
    )
    streams.begin_attempt(connection, asked.stream, 1)
    queue.send_task("inference.generate", args=[asked.to_dict()], queue=asked.queue)
    return asked.stream


@pytest.mark.timeout(600)
def test_model_worker_outlives_its_broker_with_all_its_answers(
    valkey: OwnValkey, worker: subprocess.Popen[bytes], weights: Path
) -> None:
    connection = connect(valkey.url)
    queue = Celery(broker=valkey.url.replace("unix://", "redis+socket://"), set_as_current=False)
    queue.conf.task_ignore_result = True

    def ends(asked: list[str]) -> list[str]:
        entries = [entry for each in asked for entry in streams.all_entries(connection, each)]
        return [entry.text for entry in entries if entry.kind is Kind.END]

    try:
        asked = [ask(queue, connection, weights.stem) for _ in range(4)]
        until(lambda: all(len(streams.all_entries(connection, each)) > 3 for each in asked), 170)
        time.sleep(1.5)  # the append-only file is written once a second
        valkey.kill()
        time.sleep(4)
        valkey.start()
        until(lambda: len(ends(asked)) == 4, 170)
        assert set(ends(asked)) <= {"stop", "length"}
        until(lambda: connection.xlen(results.STREAM) == 4, 60)
        again = ask(queue, connection, weights.stem)  # it accepts new jobs, too
        until(lambda: streams.all_entries(connection, again), 60)
        assert worker.poll() is None
    finally:
        queue.close()
