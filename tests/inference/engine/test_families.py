"""The architecture of every family is loaded and decoded by the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.contract.endings import FinishReason
from inference.contract.errors import EngineError
from inference.contract.sampling import Sampling
from inference.engine import Engine
from inference.engine.inspection import inspect
from inference.text.templates import render

from .asking import job, read_all
from .families import ENDPOINT_ONLY, FAMILIES, QUESTION, Family
from .tiny_weights import write_tiny

TURNS = (
    {"role": "user", "content": "Hello."},
    {"role": "assistant", "content": "Hello!"},
    {"role": "user", "content": QUESTION},
)


@pytest.fixture(params=FAMILIES, ids=lambda family: family.name)
def family(request: pytest.FixtureRequest) -> Family:
    chosen: Family = request.param
    return chosen


@pytest.fixture
def file(family: Family, tmp_path: Path) -> Path:
    file = tmp_path / "tiny.gguf"
    write_tiny(file, family.architecture)
    return file


@pytest.fixture
def tiny_engine(file: Path) -> Iterator[Engine]:
    engine = Engine(file, slots=2, context=512)
    yield engine
    engine.close()


def test_family_answers_in_its_prompt_format(family: Family, tiny_engine: Engine) -> None:
    asked = {"messages": TURNS, "prompt_format": family.prompt_format, "stop": family.stop}
    running = [
        tiny_engine.submit(job("", sampling=Sampling(temperature=1.0, seed=seed), **asked))
        for seed in range(4)
    ]
    ends = [read_all(generation) for generation in running]
    assert {outcome.finish_reason for _, outcome in ends} <= {
        FinishReason.STOP,
        FinishReason.LENGTH,
    }
    assert sum(outcome.completion_tokens for _, outcome in ends) > 16
    assert len({outcome.prompt_tokens for _, outcome in ends}) == 1
    # Whether decoded concurrently or one after the other in used slots, no answer repeats another.
    assert len({text for text, _ in ends}) > 1


def test_prompt_of_family_ends_with_its_cue(family: Family) -> None:
    prompt = render(family.prompt_format, TURNS, bos_token="<s>", eos_token="</s>")
    assert prompt.endswith(family.cue)
    assert QUESTION in prompt


def test_file_of_family_is_inspected(family: Family, file: Path) -> None:
    found = inspect(file)
    assert found.architecture == family.architecture.name
    assert found.context == 512
    assert 90_000 < found.parameters < 300_000
    assert found.kv_bytes_per_token > 0


@pytest.mark.parametrize("family", ENDPOINT_ONLY, ids=lambda family: family.name)
def test_family_llama_does_not_know_is_refused_by_name(family: Family, tmp_path: Path) -> None:
    file = tmp_path / "tiny.gguf"
    write_tiny(file, family.architecture)
    name = family.architecture.name
    with pytest.raises(EngineError, match=f"(unknown|unsupported) model architecture: '{name}'"):
        Engine(file)
