"""Each sampling setting does what it says; impossible ones are refused, not aborted on."""

from __future__ import annotations

from typing import Any

import pytest

from inference.engine import Engine, EngineError, Sampling

from .asking import ask, job

STORY = "Tell me a story about a fox."


@pytest.mark.parametrize(
    "narrow", [{"top_k": 1}, {"top_p": 0.0001}, {"min_p": 0.9999}, {"temperature": 0.0001}]
)
def test_narrowest_setting_takes_the_likeliest_token(
    engine: Engine, narrow: dict[str, Any]
) -> None:
    greedy, _ = ask(engine, STORY, max_tokens=12)
    assert ask(engine, STORY, sampling=Sampling(seed=5, **narrow), max_tokens=12)[0] == greedy


@pytest.mark.parametrize(
    "penalty", [{"repeat_penalty": 5.0}, {"frequency_penalty": 8.0}, {"presence_penalty": 9.0}]
)
def test_penalty_avoids_what_was_said(engine: Engine, penalty: dict[str, Any]) -> None:
    prompt = "hen hen hen hen hen hen hen hen hen hen hen hen"
    plain = "{{ messages[0].content }}"
    loose, _ = ask(engine, prompt, prompt_format=plain, max_tokens=8)
    strict = Sampling(temperature=0.0, **penalty)
    tight, _ = ask(engine, prompt, prompt_format=plain, sampling=strict, max_tokens=8)
    assert loose.count("hen") >= 6
    assert tight.count("hen") <= 2


@pytest.mark.parametrize(
    "setting",
    [
        {"temperature": -0.1},
        {"temperature": float("nan")},
        {"top_p": 0.0},
        {"top_k": -1},
        {"min_p": 1.0},
        {"repeat_penalty": 0.0},
        {"presence_penalty": float("inf")},
        {"seed": 2**32 - 1},
    ],
    ids=str,
)
def test_impossible_sampling_is_refused_by_name(setting: dict[str, Any]) -> None:
    with pytest.raises(EngineError, match=f"^{next(iter(setting))} is .*, but must be") as refusal:
        Sampling(**setting)
    assert refusal.value.permanent


@pytest.mark.parametrize(
    "setting", [{"max_tokens": 0}, {"deadline_s": 0.0}, {"stop": ("",)}], ids=str
)
def test_impossible_job_is_refused_by_name(setting: dict[str, Any]) -> None:
    with pytest.raises(EngineError, match=f"^{next(iter(setting))} is"):
        job(STORY, **setting)
