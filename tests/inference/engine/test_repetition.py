"""What is reproducible when asked again, and what is not recomputed."""

from __future__ import annotations

from typing import Any

from inference.contract.sampling import Sampling
from inference.engine import Engine

from .asking import CAPITALS, PLAIN, ask, ask_capital, job, read_all

STORY = "Tell me a story about a fox."
LONG = "Here is what I know of foxes. " * 20 + "Tell me more of them."


def test_same_seed_gives_the_same_text_when_alone(engine: Engine) -> None:
    sampling = Sampling(temperature=1.0, seed=7)
    first, outcome = ask(engine, STORY, sampling=sampling, max_tokens=20)
    for generation in [engine.submit(job(STORY, max_tokens=10)) for _ in range(6)]:
        read_all(generation)  # other answers, in every slot
    again, _ = ask(engine, STORY, sampling=sampling, max_tokens=20)
    assert again == first
    assert outcome.seed == 7


def test_other_seed_gives_another_text(engine: Engine) -> None:
    texts = {
        ask(engine, STORY, sampling=Sampling(temperature=1.0, seed=seed), max_tokens=16)[0]
        for seed in range(3)
    }
    assert len(texts) == 3


def test_drawn_seed_is_told_and_repeats_the_answer(engine: Engine) -> None:
    settings: dict[str, Any] = {"prompt_format": PLAIN, "max_tokens": 16}
    text, outcome = ask(engine, "Seven foxes", sampling=Sampling(temperature=1.0), **settings)
    drawn = Sampling(temperature=1.0, seed=outcome.seed)
    assert outcome.reused_tokens == 0  # otherwise rounding, and so the text, might differ
    assert ask(engine, "Seven foxes", sampling=drawn, **settings)[0] == text


def test_next_turn_reads_only_what_is_new(engine: Engine) -> None:
    question = {"role": "user", "content": LONG}
    answer, first = ask(engine, "", messages=[question], max_tokens=20)
    turns = [
        question,
        {"role": "assistant", "content": answer},
        {"role": "user", "content": "Go on."},
    ]
    _, second = ask(engine, "", messages=turns, max_tokens=4)
    assert first.reused_tokens < 40
    assert second.reused_tokens >= first.prompt_tokens
    assert second.prompt_tokens - second.reused_tokens < 40


def test_reused_prefix_is_understood_like_a_fresh_one(engine: Engine) -> None:
    asked = [ask_capital(engine, country) for country in (*CAPITALS, *CAPITALS)]
    ends = [read_all(generation) for generation in asked]
    assert [text.strip() for text, _ in ends] == [*CAPITALS.values()] * 2
    assert max(outcome.reused_tokens for _, outcome in ends) > 70


def test_seeded_answer_never_reuses_cells(engine: Engine) -> None:
    for _ in range(2):
        _, outcome = ask(engine, LONG, sampling=Sampling(seed=3), max_tokens=2)
        assert outcome.reused_tokens == 0


def test_outcome_counts_tokens_and_times(engine: Engine) -> None:
    _, outcome = ask(engine, STORY, max_tokens=20)
    assert outcome.completion_tokens == 20
    assert outcome.prompt_tokens > 10
    assert outcome.first_token_s is not None
    assert 0.0 <= outcome.queued_s <= outcome.first_token_s < outcome.total_s
    writing_s = outcome.total_s - outcome.first_token_s
    assert outcome.tokens_per_second * writing_s >= 19 * 0.99
