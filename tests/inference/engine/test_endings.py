"""Every way an answer can end: limits, deadline, cancellation, stop strings, a full context."""

from __future__ import annotations

import pytest

from inference.contract.endings import FinishReason
from inference.contract.errors import EngineError
from inference.engine import Engine, State

from .asking import PATIENCE_S, PLAIN, ask, job, read_all, wait_until

STORY = "Tell me a very long story about a fox."


def test_answer_ends_at_its_token_limit(engine: Engine) -> None:
    _, outcome = ask(engine, STORY, max_tokens=7)
    assert outcome.finish_reason is FinishReason.LENGTH
    assert outcome.completion_tokens == 7


def test_answer_ends_where_the_model_ends_it(engine: Engine) -> None:
    text, outcome = ask(engine, "Name the capital of Japan.", max_tokens=200)
    assert outcome.finish_reason is FinishReason.STOP
    assert text == "The capital of Japan is Tokyo."
    assert "<|im_end|>" not in text


def test_answer_ends_at_its_deadline_and_keeps_its_text(engine: Engine) -> None:
    text, outcome = ask(engine, STORY, max_tokens=900, deadline_s=1.0)
    assert outcome.finish_reason is FinishReason.DEADLINE
    assert 1.0 <= outcome.total_s < 1.0 + PATIENCE_S / 4
    assert text


def test_answer_that_gets_no_slot_in_time_is_overdue(engine: Engine) -> None:
    others = [engine.submit(job(STORY, max_tokens=900)) for _ in range(4)]
    _, outcome = ask(engine, STORY, patience_s=0.2)
    for generation in others:
        generation.cancel()
    assert outcome.finish_reason is FinishReason.OVERDUE
    assert outcome.first_token_s is None
    assert outcome.queued_s == outcome.total_s


def test_cancelled_answer_gives_its_slot_to_the_next(engine: Engine) -> None:
    running = [engine.submit(job(STORY, max_tokens=900)) for _ in range(4)]
    waiting = engine.submit(job("Say hello.", max_tokens=2))
    wait_until(lambda: running[0].state is State.DECODING)
    assert waiting.state is State.QUEUED
    running[0].cancel()
    _, outcome = read_all(waiting)
    assert outcome.completion_tokens == 2
    assert read_all(running[0])[1].finish_reason is FinishReason.CANCELLED
    at_work = {State.PREFILLING, State.DECODING}  # its short prompt is read before long ones
    assert {generation.state for generation in running[1:]} <= at_work
    for generation in running:
        generation.cancel()


def test_cancelled_answer_ends_while_its_prompt_is_read(engine: Engine) -> None:
    generation = engine.submit(job("The fox and the hen. " * 140, max_tokens=900))
    wait_until(lambda: generation.state is State.PREFILLING)
    generation.cancel()
    _, outcome = read_all(generation)
    assert outcome.finish_reason is FinishReason.CANCELLED
    assert outcome.first_token_s is None


def test_answer_ends_before_a_stop_string_that_spans_tokens(engine: Engine) -> None:
    whole, _ = ask(engine, STORY, max_tokens=60)
    stop = whole[30:44]
    text, outcome = ask(engine, STORY, max_tokens=60, stop=(stop, "never said"))
    assert text == whole[: whole.index(stop)]
    assert outcome.finish_reason is FinishReason.STOP


def test_answer_ends_at_a_stop_that_is_a_control_token(engine: Engine) -> None:
    turn = "<|im_start|>user\n{{ messages[0].content }}<|im_end|>{{ '\n' }}"
    stop = ("<|im_start|>",)
    text, outcome = ask(engine, "Say hello.", prompt_format=turn, stop=stop, max_tokens=60)
    assert outcome.finish_reason is FinishReason.STOP
    assert text.strip() == ""


def test_conversation_that_overflows_the_context_is_refused(engine: Engine) -> None:
    with pytest.raises(EngineError, match=r"is \d,\d{3} tokens long, .* 1,024 ") as refusal:
        engine.submit(job("The fox and the hen. " * 400))
    assert refusal.value.permanent


def test_answer_that_fills_the_context_ends_with_length(own_engine: Engine) -> None:
    _, outcome = ask(own_engine, "The fox and the hen. " * 74 + STORY, max_tokens=5000)
    assert outcome.finish_reason is FinishReason.LENGTH
    assert outcome.prompt_tokens + outcome.completion_tokens == own_engine.context + 1


def test_empty_prompt_is_refused(engine: Engine) -> None:
    with pytest.raises(EngineError, match="empty"):
        engine.submit(job("", prompt_format=PLAIN))
