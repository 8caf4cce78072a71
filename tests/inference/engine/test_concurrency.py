"""Many answers at once: they join and leave between steps, and do not touch each other."""

from __future__ import annotations

import pytest

from inference.engine import Engine, FinishReason, State

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


def test_long_prompt_does_not_stall_the_streams_of_others(engine: Engine) -> None:
    writing = engine.submit(job(STORY, max_tokens=600))
    wait_until(lambda: writing.state is State.DECODING)
    pieces_meanwhile = 0
    long = engine.submit(job("The fox and the hen. " * 140, max_tokens=1))
    while long.outcome is None:
        pieces_meanwhile += bool(writing.read(timeout=1.0))
    writing.cancel()
    assert read_all(long)[1].prompt_tokens > 800
    # Read in one step, it would leave time for one or two.
    assert pieces_meanwhile >= 5


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


@pytest.mark.parametrize("count", [1, 4])
def test_throughput_counts_the_tokens_of_all(engine: Engine, count: int) -> None:
    running = [engine.submit(job(STORY, max_tokens=30)) for _ in range(count)]
    for generation in running:
        read_all(generation)
    assert engine.tokens_per_second * 5 >= 30 * count * 0.8
