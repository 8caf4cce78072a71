"""Unusable weight files: each is explained, and the process survives."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.contract.errors import EngineError
from inference.engine import Engine


@pytest.mark.parametrize("size", [5, 40, 5_000_000, 60_000_000])
def test_truncated_weights_are_refused(weights: Path, tmp_path: Path, size: int) -> None:
    cut = tmp_path / "cut.gguf"
    with weights.open("rb") as whole:
        cut.write_bytes(whole.read(size))
    with pytest.raises(EngineError, match=r"^llama.cpp cannot load cut.gguf: .+\.$") as refusal:
        Engine(cut)
    assert refusal.value.permanent


def test_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "model.gguf"
    foreign.write_bytes(b"PK\x03\x04 a zip file")
    with pytest.raises(EngineError, match=r"not a GGUF file: it begins with b'PK"):
        Engine(foreign)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be read: No such file or directory"):
        Engine(tmp_path / "none.gguf")


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="is a folder, a pipe or a device, not a file"):
        Engine(tmp_path)


def test_context_is_no_longer_than_the_model_was_trained_for(weights: Path) -> None:
    engine = Engine(weights, slots=1, context=100_000)
    engine.close()
    assert engine.context == 8192
