"""The engine keeps a model's thoughts apart from its answer, with a limit of their own."""

from __future__ import annotations

import pytest

from inference.contract.endings import FinishReason
from inference.contract.sampling import Sampling
from inference.engine import Engine, Job, Outcome
from inference.engine.answers import Answer

from .asking import PLAIN, job

END = 7  # a token that ends the answer
LIMIT, BUDGET = 3, 4


def made(pieces: list[tuple[bytes, bytes]], opened: str = "") -> tuple[str, str, Outcome]:
    """The text, thoughts and outcome of an answer made of these tokens."""
    asked = Job(
        ({"role": "user", "content": "Hello."},),
        Sampling(),
        max_tokens=LIMIT,
        max_thought_tokens=BUDGET,
        stop=("###",),
    )
    answer = Answer(asked, [1, 2], frozenset({END}), "", opened)
    answer.start(reused_tokens=0)
    reason = None
    for piece, mark in pieces:
        reason = answer.take(1, piece, mark)
        if reason is not None:
            break
    answer.finish(reason or FinishReason.STOP)
    text = answer.generation.read(timeout=0) or ""
    outcome = answer.generation.outcome
    assert outcome is not None
    return text, answer.generation.thoughts, outcome


def plain(*pieces: str) -> list[tuple[bytes, bytes]]:
    return [(piece.encode(), b"") for piece in pieces]


def control(mark: str) -> tuple[bytes, bytes]:
    return b"", mark.encode()


def test_thoughts_have_a_limit_of_their_own() -> None:
    tokens = plain("<think>", "Hm.", "</think>", "\n", "One", " two", " three", " four")
    text, thoughts, outcome = made(tokens)
    assert (text, thoughts) == ("One two three", "Hm.")
    assert (outcome.finish_reason, outcome.thought_tokens) == (FinishReason.LENGTH, 4)
    assert outcome.completion_tokens == LIMIT


def test_thoughts_that_use_up_their_limit_are_an_error_that_names_it() -> None:
    text, thoughts, outcome = made(plain("<think>", *["hm "] * 9))
    assert (text, thoughts) == ("", "hm hm hm")
    assert (outcome.finish_reason, outcome.permanent) == (FinishReason.ERROR, True)
    assert outcome.error == "It thought for 4 tokens, its limit, and gave no answer."


def test_thoughts_that_the_prompt_opened_need_no_tag() -> None:
    text, thoughts, _ = made(plain("Hm.", "</think>", "Yes."), opened="<think>")
    assert (text, thoughts) == ("Yes.", "Hm.")


def test_tags_that_are_control_tokens_are_known_and_not_shown() -> None:
    hidden = [control("[THINK]"), *plain("Hm."), control("[/THINK]")]
    text, thoughts, _ = made([*hidden, *plain("Yes."), control("[THINK]"), *plain(" No.")])
    assert (text, thoughts) == ("Yes. No.", "Hm.")


def test_channels_of_harmony() -> None:
    start, channel, message = map(control, ("<|start|>", "<|channel|>", "<|message|>"))
    tokens = [channel, *plain("analysis"), message, *plain("Hm."), control("<|end|>"), start]
    tokens += [*plain("assistant"), channel, *plain("final"), message, *plain("Yes.")]
    asked = Job(({"role": "user", "content": "Hello."},), Sampling(), max_tokens=9)
    answer = Answer(asked, [1], frozenset({END}), "")
    assert [answer.take(1, *token) for token in tokens] == [None] * len(tokens)
    answer.finish(FinishReason.STOP)
    assert (answer.generation.read(0), answer.generation.thoughts) == ("Yes.", "Hm.")


def test_stop_string_in_thoughts_ends_nothing() -> None:
    text, _, outcome = made(plain("<think>", "###", "</think>", "Yes.###", "no"))
    assert (text, outcome.finish_reason) == ("Yes.", FinishReason.STOP)


@pytest.mark.parametrize("reason", [FinishReason.CANCELLED, FinishReason.ERROR])
def test_stopped_thoughts_end_as_what_stopped_them(reason: FinishReason) -> None:
    answer = Answer(job("Hello."), [1], frozenset(), "", "<think>")
    answer.take(1, b"Hm.")
    answer.finish(reason, "")
    assert answer.generation.outcome is not None
    assert answer.generation.outcome.finish_reason is reason


def test_model_whose_template_opens_thoughts_thinks(engine: Engine) -> None:
    prompt_format = PLAIN + "<think>\n"
    asked = job("Say hello.", prompt_format=prompt_format, max_tokens=8, max_thought_tokens=12)
    generation = engine.submit(asked)
    outcome = generation.wait(60)
    assert outcome is not None
    assert outcome.error.startswith("It thought for 12 tokens")
    assert outcome.thought_tokens == 12
    assert generation.thoughts
    assert generation.read(timeout=0) is None
