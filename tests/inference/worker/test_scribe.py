"""The single writer thread: with the test's own generations and the real Valkey."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from inference.contract import streams
from inference.contract.endings import FinishReason
from inference.contract.limits import STREAMS
from inference.contract.streams import Kind, Line, Written
from inference.engine import Generation, Outcome
from inference.worker.scribe import HandedBack, Scribe


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


def begun(connection: redis.Redis) -> str:
    stream = str(uuid.uuid4())
    streams.begin_attempt(connection, stream, 1)
    return stream


def finish(generation: Generation) -> None:
    generation.finish(
        Outcome(
            finish_reason=FinishReason.STOP,
            error="",
            queued_s=0.0,
            first_token_s=None,
            total_s=0.0,
            prompt_tokens=1,
            reused_tokens=0,
            completion_tokens=1,
            tokens_per_second=0.0,
            seed=0,
        )
    )


def said(connection: redis.Redis, stream: str) -> list[tuple[Kind, str]]:
    return [(entry.kind, entry.text) for entry in streams.all_entries(connection, stream)]


def scripts_run(connection: redis.Redis) -> int:
    counts: dict[str, dict[str, int]] = connection.info("commandstats")
    return counts["cmdstat_eval"]["calls"]


PATIENCE_S = 60.0


def wait_for_text(connection: redis.Redis, stream: str) -> float:
    began = time.monotonic()
    while not any(kind is Kind.TEXT for kind, _ in said(connection, stream)):
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.002)
    return time.monotonic() - began


def test_everything_is_written_in_order_before_wait_returns(connection: redis.Redis) -> None:
    scribe, generation, stream = Scribe(connection), Generation(), begun(connection)
    words = [f"word{n} " for n in range(300)]

    def speak() -> None:
        for word in words:
            generation.write(word)
            time.sleep(0.001)
        finish(generation)

    with scribe.dictation(stream, 1) as dictation:
        scribe.begin(dictation, generation)
        began = time.monotonic()
        threading.Thread(target=speak).start()
        text = dictation.wait()
        seconds = time.monotonic() - began
    assert text == "".join(words)
    *entries, end = said(connection, stream)
    assert "".join(piece for _, piece in entries) == text
    # Coalesced, but not held back until the end.
    assert 2 < len(entries) < min(len(words), 3 + seconds / STREAMS.write_every_s)
    assert end == (Kind.END, "stop")


def test_last_words_of_many_and_their_ends_are_one_command(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.worker.scribe.GATHER_S", 0.4)  # as one command, even when busy
    scribe, number = Scribe(connection), 8
    generations = [Generation() for _ in range(number)]
    its_streams = [begun(connection) for _ in range(number)]
    with ExitStack() as stack:
        dictations = [stack.enter_context(scribe.dictation(stream, 1)) for stream in its_streams]
        for dictation, generation in zip(dictations, generations, strict=True):
            scribe.begin(dictation, generation)
            generation.write("First words.")
        for stream in its_streams:
            wait_for_text(connection, stream)
        commands = scripts_run(connection)
        for generation in generations:
            generation.write(" Last words.")
            finish(generation)
        assert {dictation.wait() for dictation in dictations} == {"First words. Last words."}
        assert scripts_run(connection) == commands + 1
    for stream in its_streams:
        assert said(connection, stream)[-2:] == [(Kind.TEXT, " Last words."), (Kind.END, "stop")]


def test_first_words_do_not_wait_for_the_beat_of_the_others(connection: redis.Redis) -> None:
    scribe, busy, stream = Scribe(connection), Generation(), begun(connection)
    waits = []
    with scribe.dictation(stream, 1) as dictation:
        scribe.begin(dictation, busy)
        busy.write("I am busy.")
        wait_for_text(connection, stream)
        for _ in range(10):
            other, its_stream = Generation(), begun(connection)
            with scribe.dictation(its_stream, 1) as another:
                scribe.begin(another, other)
                other.write("First words.")
                waits.append(wait_for_text(connection, its_stream))
    assert min(waits) < STREAMS.write_every_s / 2


def test_answer_that_is_silent_shows_that_it_lives(connection: redis.Redis) -> None:
    scribe, stream = Scribe(connection), begun(connection)
    with scribe.dictation(stream, 1):  # its weights are being loaded, so there is no generation yet
        time.sleep(2.5 * STREAMS.beat_s)
    beats = said(connection, stream)
    assert set(beats) == {(Kind.BEAT, "")}
    assert len(beats) <= 2
    time.sleep(1.5 * STREAMS.beat_s)
    assert said(connection, stream) == beats  # nothing is written after it has left


def test_what_nobody_waits_for_is_cancelled_and_the_others_go_on(connection: redis.Redis) -> None:
    scribe, unwanted, wanted = Scribe(connection), Generation(), Generation()
    given_up, stream = begun(connection), begun(connection)
    streams.begin_attempt(connection, given_up, 2)
    with scribe.dictation(given_up, 1) as a, scribe.dictation(stream, 1) as b:
        scribe.begin(a, unwanted)
        scribe.begin(b, wanted)
        unwanted.write("too late")
        wanted.write("in time")
        wait_for_text(connection, stream)
        finish(wanted)
        assert b.wait() == "in time"
        assert (unwanted.cancelled, wanted.cancelled) == (True, False)
    assert said(connection, given_up) == []


def test_answer_that_cannot_be_written_fails_alone(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.worker.scribe.GATHER_S", 0.1)  # all of them in one command
    scribe, number = Scribe(connection), 6
    broken, its_streams = begun(connection), [begun(connection) for _ in range(number)]
    connection.set(streams.stream_key(broken), "no stream")
    generations = [Generation() for _ in range(number + 1)]
    with ExitStack() as stack:
        dictations = [stack.enter_context(scribe.dictation(s, 1)) for s in (broken, *its_streams)]
        for dictation, generation in zip(dictations, generations, strict=True):
            generation.write("half \ud83d" if dictation.stream == its_streams[0] else "All of it.")
            finish(generation)
            scribe.begin(dictation, generation)
        spoilt, half, *others = dictations
        with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
            spoilt.wait()
        assert half.wait() == "half \ud83d"
        assert [dictation.wait() for dictation in others] == ["All of it."] * (number - 1)
    for stream in its_streams[1:]:
        assert said(connection, stream) == [(Kind.TEXT, "All of it."), (Kind.END, "stop")]


def test_broker_that_is_gone_fails_the_answer_and_not_the_scribe(connection: redis.Redis) -> None:
    gone = redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
    scribe, generation = Scribe(gone), Generation()
    for _ in range(2):
        with scribe.dictation(str(uuid.uuid4()), 1) as dictation:
            scribe.begin(dictation, generation)
            generation.write("text")
            with pytest.raises(redis.ConnectionError):
                dictation.wait()


@pytest.mark.parametrize("is_written", [False, True])
def test_same_words_twice_are_written_twice_though_nobody_answered_the_second_time(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch, is_written: bool
) -> None:
    scribe, generation, stream = Scribe(connection), Generation(), begun(connection)
    texts: list[str] = []

    def append(connection: redis.Redis, lines: list[Line]) -> list[Written]:
        texts.extend(line.text for line in lines if line.kind is Kind.TEXT)
        if len(texts) != 2:
            return streams.append(connection, lines)
        if is_written:
            streams.append(connection, lines)
        raise redis.TimeoutError

    monkeypatch.setattr("inference.worker.scribe.append", append)
    with scribe.dictation(stream, 1) as dictation:
        scribe.begin(dictation, generation)
        generation.write("- ")
        wait_for_text(connection, stream)
        generation.write("- ")
        began = time.monotonic()
        while len(texts) < 2:
            assert time.monotonic() - began < PATIENCE_S
            time.sleep(0.002)
        finish(generation)
        assert dictation.wait() == "- - "
    assert said(connection, stream) == [(Kind.TEXT, "- "), (Kind.TEXT, "- "), (Kind.END, "stop")]


def test_who_is_told_to_stop_hands_back_what_runs_and_what_comes(connection: redis.Redis) -> None:
    scribe, stream, generation = Scribe(connection), begun(connection), Generation()
    with scribe.dictation(stream, 1) as dictation:
        scribe.begin(dictation, generation)
        generation.write("So far ")
        wait_for_text(connection, stream)
        scribe.stop()
        with pytest.raises(HandedBack, match="stopped") as handed_back:
            dictation.wait()
    assert handed_back.value.text == "So far "
    with pytest.raises(HandedBack, match="stopped"), scribe.dictation(stream, 1):
        pass
    assert scribe.has_stopped


def test_answer_after_thoughts_is_handed_back_without_its_text(connection: redis.Redis) -> None:
    scribe, stream, generation = Scribe(connection), begun(connection), Generation()
    with scribe.dictation(stream, 1) as dictation:
        scribe.begin(dictation, generation)
        generation.think("Hm.")
        generation.write("So far ")
        wait_for_text(connection, stream)
        scribe.stop()
        with pytest.raises(HandedBack) as handed_back:
            dictation.wait()
    assert handed_back.value.text == ""
