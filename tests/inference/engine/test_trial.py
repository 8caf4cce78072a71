"""Weights are tried in a child process: this process survives whatever happens there."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.contract.errors import EngineError
from inference.engine.trial import try_out

from .tiny_weights import MIXTURE, write_tiny


def test_good_weights_answer(weights: Path) -> None:
    trial = try_out(weights)
    assert trial.text
    assert trial.load_s > 0.0
    assert trial.tokens_per_second > 0.0


def test_weights_that_abort_llama_are_refused(tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.gguf"
    write_tiny(hostile, MIXTURE, metadata={"expert_used_count": 100})
    with pytest.raises(
        EngineError, match=r"hostile.gguf crashed llama.cpp \(SIG[A-Z]+: .*GGML_ASSERT"
    ) as refusal:
        try_out(hostile)
    assert refusal.value.permanent


def test_weights_that_take_too_long_are_refused(weights: Path) -> None:
    with pytest.raises(EngineError, match="gave no answer within 0 seconds"):
        try_out(weights, timeout_s=0.05)


def test_prompt_format_that_fails_is_refused(weights: Path) -> None:
    with pytest.raises(EngineError, match="The prompt format failed: No roles here"):
        try_out(weights, prompt_format="{{ raise_exception('No roles here.') }}")
