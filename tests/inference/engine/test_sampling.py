"""Each sampling setting does what it says; impossible ones are refused, not aborted on."""

from __future__ import annotations

from typing import Any

import llama_cpp
import pytest

from inference.engine import Engine, EngineError, Sampling
from inference.engine.samplers import Candidates, SamplerChain

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
    "settings",
    [
        {},
        {"temperature": 1.5},
        {"temperature": 0.0},
        {"top_k": 40, "top_p": 0.95, "min_p": 0.05},
        {"temperature": 0.2, "top_p": 0.9},
        {"repeat_penalty": 1.3},
        {"frequency_penalty": -2.0, "presence_penalty": -1.0, "temperature": 1.0},
    ],
    ids=str,
)
def test_candidates_left_out_change_no_draw(own_engine: Engine, settings: dict[str, Any]) -> None:
    context, vocabulary = own_engine._context, own_engine._model.vocabulary
    prompt = vocabulary.tokenise_prompt("Once upon a time there was a fox who lived in the")
    context.batch.clear()
    row = context.batch.add(0, 0, prompt, sample=True)
    context.decode()
    sampling = Sampling(**settings)
    ours = SamplerChain(sampling, 1, Candidates(vocabulary.size))
    whole = SamplerChain(sampling, 1, Candidates(vocabulary.size))
    for chain in (ours, whole):
        chain.accept(prompt)
    drawn = [ours.draw(context, row) for _ in range(150)]
    by_llama = [llama_cpp.llama_sampler_sample(whole._chain, context.native, row) for _ in drawn]
    for chain in (ours, whole):
        chain.close()
    assert drawn == by_llama


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
