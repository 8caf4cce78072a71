"""What is the same when asked again, and what is not computed again."""

from __future__ import annotations

from inference.engine import Engine, Sampling

from .asking import ask, job, read_all

STORY = "Tell me a story about a fox."
LONG = "Here is what I know of foxes. " * 20 + "Tell me more of them."


def test_same_seed_gives_the_same_text_when_alone(engine: Engine) -> None:
    sampling = Sampling(temperature=1.0, seed=7)
    first, outcome = ask(engine, STORY, sampling=sampling, max_tokens=32)
    for generation in [engine.submit(job(STORY, max_tokens=10)) for _ in range(6)]:
        read_all(generation)  # other answers, in every slot
    again, _ = ask(engine, STORY, sampling=sampling, max_tokens=32)
    assert again == first
    assert outcome.seed == 7


def test_other_seed_gives_another_text(engine: Engine) -> None:
    texts = {
        ask(engine, STORY, sampling=Sampling(temperature=1.0, seed=seed), max_tokens=16)[0]
        for seed in range(3)
    }
    assert len(texts) == 3


def test_drawn_seed_is_told_and_repeats_the_answer(engine: Engine) -> None:
    text, outcome = ask(engine, STORY, sampling=Sampling(temperature=1.0), max_tokens=16)
    drawn = Sampling(temperature=1.0, seed=outcome.seed)
    # The first took what it could from the cache, so only nearly the same numbers: a few tokens.
    assert ask(engine, STORY, sampling=drawn, max_tokens=16)[0][:8] == text[:8]


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


def test_reused_prefix_gives_the_text_of_a_fresh_one(engine: Engine) -> None:
    fresh, without = ask(engine, LONG, sampling=Sampling(temperature=0.0, seed=1), max_tokens=12)
    reused, outcome = ask(engine, LONG, max_tokens=12)
    assert without.reused_tokens == 0
    assert outcome.reused_tokens > 100
    assert reused == fresh


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
