"""Concurrent answers: they join and leave between steps, and do not affect each other."""

from __future__ import annotations

import threading
from functools import partial
from types import SimpleNamespace

import pytest

from inference.contract.endings import FinishReason
from inference.engine import Engine, State, pace

from .asking import CAPITALS, ask, ask_capital, job, read_all, wait_until

STORY = "Tell me a very long story about a fox."


def test_answer_that_comes_later_runs_beside_the_first(engine: Engine) -> None:
    first = engine.submit(job(STORY, max_tokens=600))
    wait_until(lambda: first.state is State.DECODING)
    _, outcome = ask(engine, "Say hello.", max_tokens=4)
    assert outcome.finish_reason in {FinishReason.STOP, FinishReason.LENGTH}
    assert first.state is State.DECODING
    first.cancel()
    assert read_all(first)[1].completion_tokens > outcome.completion_tokens


def test_answers_decoded_together_do_not_mix(engine: Engine) -> None:
    story = engine.submit(job(STORY, max_tokens=600))
    capitals = [ask_capital(engine, country) for country in CAPITALS]
    said = [read_all(generation)[0].strip() for generation in capitals]
    story.cancel()
    assert said == list(CAPITALS.values())


def test_answers_beyond_the_slots_wait_and_are_made(engine: Engine) -> None:
    running = [engine.submit(job(STORY, max_tokens=12)) for _ in range(9)]
    assert engine.queued >= 1
    assert engine.free_slots == 0
    outcomes = [read_all(generation)[1] for generation in running]
    assert [outcome.completion_tokens for outcome in outcomes] == [12] * 9
    assert max(outcome.queued_s for outcome in outcomes) > 0.0
    assert engine.queued == 0


def test_long_prompt_does_not_stall_the_streams_of_others(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "STALL_S", 1e-6)  # smallest pieces, however fast the machine
    writing = engine.submit(job(STORY, max_tokens=600))
    wait_until(lambda: writing.state is State.DECODING)
    pieces_meanwhile = 0
    long = engine.submit(job("The fox and the cow. " * 60, max_tokens=1))
    while long.outcome is None:
        pieces_meanwhile += bool(writing.read(timeout=1.0))
    writing.cancel()
    assert read_all(long)[1].prompt_tokens > 350
    # Some 25 steps. Read as one batch, the prompt would leave time for two or three pieces.
    assert pieces_meanwhile >= 12


def test_short_prompt_is_read_before_the_rest_of_a_long_one(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "STALL_S", 1e-6)
    monkeypatch.setattr(pace, "ALONE_S", 1e-6)
    scheduler, go_on, ended = engine._scheduler, threading.Event(), list[str]()
    decode = scheduler._decode
    monkeypatch.setattr(scheduler, "_decode", lambda: (go_on.wait(), decode()))
    long = engine.submit(job("A hen met three geese. " * 60, max_tokens=1))  # in no slot's cache
    wait_until(lambda: long.state is State.PREFILLING)
    short = engine.submit(job("Hello", max_tokens=1))
    for name, generation in (("long", long), ("short", short)):
        generation.listen(partial(ended.append, name))
    ended.clear()
    go_on.set()
    assert read_all(long)[1].prompt_tokens > 350
    assert read_all(short)[1].prompt_tokens < 60
    assert list(dict.fromkeys(ended)) == ["short", "long"]


def test_pieces_of_prompts_are_sized_by_the_pace_of_the_machine() -> None:
    measured = pace.Pace(512)
    measured.observe(100, 0.2)
    assert measured.chunk(others_write=True) == 50
    assert measured.chunk(others_write=False) == 250
    measured.observe(10, 100.0)  # writing, not reading: no information
    assert measured.chunk(others_write=True) == 50
    for _ in range(50):
        measured.observe(100, 10.0)
    assert measured.chunk(others_write=True) == pace.SMALLEST_CHUNK


def test_reader_sees_every_state_in_order(engine: Engine) -> None:
    others = [engine.submit(job(STORY, max_tokens=16)) for _ in range(4)]
    last = engine.submit(job(STORY, max_tokens=16))
    seen = [last.state]
    while seen[-1] is not State.FINISHED:
        last.read(timeout=0.002)
        if last.state is not seen[-1]:
            seen.append(last.state)
    for generation in others:
        read_all(generation)
    assert seen[0] is State.QUEUED
    assert seen == sorted(seen, key=list(State).index)


def test_throughput_counts_the_tokens_of_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(pace, "time", clock)
    throughput = pace.Throughput()
    throughput.count(40)
    clock.now += pace.WINDOW_S - 1
    throughput.count(60)
    assert throughput.per_second() == 100 / pace.WINDOW_S
    clock.now += 2
    assert throughput.per_second() == 60 / pace.WINDOW_S


def test_throughput_of_an_engine_counts_all_its_answers(engine: Engine) -> None:
    running = [engine.submit(job(STORY, max_tokens=600)) for _ in range(4)]
    wait_until(lambda: all(generation.state is State.DECODING for generation in running))
    assert engine.tokens_per_second * pace.WINDOW_S >= 4
    for generation in running:
        generation.cancel()


def test_both_answers_of_a_volunteer_begin_before_more_of_a_flood(own_engine: Engine) -> None:
    flood = [own_engine.submit(job(STORY, max_tokens=60, client="net/flooder")) for _ in range(12)]
    wait_until(lambda: own_engine.free_slots == 0)
    answers = [own_engine.submit(job(STORY, max_tokens=300, client="home/v")) for _ in range(2)]
    wait_until(lambda: all(each.state is not State.QUEUED for each in answers))
    begun = [each for each in flood if each.state is not State.QUEUED]
    for generation in (*flood, *answers):
        generation.cancel()
    assert len(begun) == 2  # those that ran already
