"""Each sampling setting does what it says; invalid ones are rejected without aborting."""

from __future__ import annotations

from typing import Any

import llama_cpp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.contract.errors import EngineError
from inference.contract.sampling import Sampling
from inference.engine import Engine
from inference.engine.penalties import WINDOW
from inference.engine.samplers import Candidates, SamplerChain, nucleus

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
        {"temperature": 1.3, "top_p": 0.8},
        {"temperature": 0.5, "top_p": 0.9, "repeat_penalty": 1.05, "min_p": 0.01},
        {"repeat_penalty": 1.3},
        {"frequency_penalty": -2.0, "presence_penalty": -1.0, "temperature": 1.0},
    ],
    ids=str,
)
def test_every_draw_is_llama_cpps_own(own_engine: Engine, settings: dict[str, Any]) -> None:
    context, vocabulary = own_engine._context, own_engine._model.vocabulary
    prompt = vocabulary.tokenise_prompt("Once upon a time there was a fox who lived in the")
    context.batch.clear()
    row = context.batch.add(0, 0, prompt, sample=True)
    context.decode()
    sampling = Sampling(**settings)
    ours = SamplerChain(sampling, 1, Candidates(vocabulary.size))
    theirs = llama_cpps_chain(sampling, 1, vocabulary.size)
    ours.accept(prompt)
    for token in prompt[-WINDOW:]:
        llama_cpp.llama_sampler_accept(theirs, token)
    drawn = [ours.draw(context, row) for _ in range(150)]
    by_llama = [llama_cpp.llama_sampler_sample(theirs, context.native, row) for _ in drawn]
    ours.close()
    llama_cpp.llama_sampler_free(theirs)
    assert drawn == by_llama


def llama_cpps_chain(sampling: Sampling, seed: int, vocabulary_size: int) -> Any:
    """The reference: every step in llama.cpp, over the whole vocabulary."""
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    penalties = (
        sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty
    )  # fmt: skip
    steps = [
        llama_cpp.llama_sampler_init_penalties(vocabulary_size, WINDOW, *penalties),
        llama_cpp.llama_sampler_init_top_k(sampling.top_k),
        llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1),
        llama_cpp.llama_sampler_init_min_p(sampling.min_p, 1),
        llama_cpp.llama_sampler_init_temp(sampling.temperature),
        llama_cpp.llama_sampler_init_dist(seed),
    ]
    for step in steps:
        llama_cpp.llama_sampler_chain_add(chain, step)
    return chain


@given(
    logits=arrays(np.float32, st.integers(1, 400), elements=st.floats(-30, 30, width=32)),
    top_p=st.floats(0.01, 0.999),
)
def test_nucleus_is_the_fewest_that_hold_enough(logits: np.ndarray, top_p: float) -> None:
    kept = nucleus(logits, np.arange(len(logits)), top_p)
    share = np.exp(logits.astype(np.float64) - logits.max())
    share /= share.sum()
    assert share[kept].sum() >= top_p - 1e-9
    assert share[kept[:-1]].sum() <= top_p + 1e-9
    assert (np.diff(share[kept]) <= 0).all()


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
        {"temperature": "0.7"},
        {"temperature": None},
        {"top_p": True},
        {"top_k": 40.0},
        {"seed": 7.5},
    ],
    ids=str,
)
def test_impossible_sampling_is_refused_by_name(setting: dict[str, Any]) -> None:
    with pytest.raises(EngineError, match=f"^{next(iter(setting))} is .*, but must be") as refusal:
        Sampling(**setting)
    assert refusal.value.permanent


@pytest.mark.parametrize(
    "setting", [{"max_tokens": 0}, {"deadline_s": 0.0}, {"stop": ("",)}, {"stop": (1,)}], ids=str
)
def test_impossible_job_is_refused_by_name(setting: dict[str, Any]) -> None:
    with pytest.raises(EngineError, match=f"^{next(iter(setting))} is"):
        job(STORY, **setting)
