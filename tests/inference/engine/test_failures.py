"""When something breaks, every reader is told, and none waits forever."""

from __future__ import annotations

import threading

import pytest

from inference.contract.endings import FinishReason
from inference.contract.errors import EngineError
from inference.engine import Engine, State

from .asking import ask, job, read_all, wait_until

STORY = "Tell me a very long story about a fox."


def test_failed_thread_wakes_every_reader(
    own_engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    running = [own_engine.submit(job(STORY, max_tokens=400)) for _ in range(4)]
    wait_until(lambda: running[0].state is State.DECODING)
    monkeypatch.setattr(own_engine._scheduler, "_fill_batch", lambda: 1 / 0)
    for generation in running:
        _, outcome = read_all(generation)
        assert outcome.finish_reason is FinishReason.ERROR
        assert outcome.error == "The engine has failed; its log says why."
    assert "ZeroDivisionError" in caplog.text
    assert not own_engine.alive
    with pytest.raises(EngineError, match="has failed") as refusal:
        own_engine.submit(job(STORY))
    assert not refusal.value.permanent


def test_answer_that_cannot_begin_is_told_too(
    own_engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("inference.engine.scheduler.SamplerChain", lambda *_: 1 / 0)
    _, outcome = read_all(own_engine.submit(job(STORY)))
    assert outcome.error == "The engine has failed; its log says why."
    assert "ZeroDivisionError" in caplog.text


def test_failed_step_ends_its_answers_and_the_engine_goes_on(
    own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _ = ask(own_engine, "Name the capital of Japan.")

    def fail() -> None:
        monkeypatch.undo()
        raise EngineError("llama.cpp could not decode: code 1.", permanent=False)

    monkeypatch.setattr(own_engine._context, "decode", fail)
    _, outcome = ask(own_engine, STORY)
    assert outcome.finish_reason is FinishReason.ERROR
    assert outcome.error == "llama.cpp could not decode: code 1."
    assert ask(own_engine, "Name the capital of Japan.")[0] == before


def test_closed_engine_ends_its_answers(own_engine: Engine) -> None:
    running = [own_engine.submit(job(STORY, max_tokens=400)) for _ in range(4)]
    wait_until(lambda: running[0].state is State.DECODING)
    own_engine.close()
    for generation in running:
        _, outcome = read_all(generation)
        assert outcome.finish_reason is FinishReason.ERROR
        assert outcome.error == "The engine was closed before the answer was complete."
    assert read_all(running[0])[0] == ""
    with pytest.raises(EngineError, match="closed"):
        own_engine.submit(job(STORY))


def test_engine_closed_by_many_threads_is_freed_once(own_engine: Engine) -> None:
    own_engine.submit(job(STORY, max_tokens=400))
    closers = [threading.Thread(target=own_engine.close) for _ in range(8)]
    for closer in closers:
        closer.start()
    for closer in closers:
        closer.join(timeout=30)
    assert not any(closer.is_alive() for closer in closers)
    own_engine.close()


def test_reader_without_news_waits_no_longer_than_it_said(own_engine: Engine) -> None:
    blocked = [own_engine.submit(job(STORY, max_tokens=400)) for _ in range(2)]
    queued = own_engine.submit(job(STORY))
    assert queued.read(timeout=0.05) == ""
    assert queued.read(timeout=0.0) == ""
    for generation in blocked:
        generation.cancel()
