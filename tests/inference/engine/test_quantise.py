from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inference.contract.errors import EngineError
from inference.engine import Engine
from inference.engine.quantise import quantise

from .asking import ask


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # it would be cut off, too
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sys.dont_write_bytecode = writes_none


def test_quantised_weights_are_smaller_and_answer(
    weights: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    compact = tmp_path / "compact.gguf"
    quantise(weights, compact, "Q3_K_M")
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == [compact]
    assert compact.stat().st_size < weights.stat().st_size
    engine = Engine(compact, slots=1, context=256)
    text, _ = ask(engine, "Name the capital of Japan.", max_tokens=40)
    engine.close()
    assert "Tokyo" in text


def test_unknown_quantisation_is_refused_with_the_known_ones(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"no quantisation 'Q9'. It knows .*Q8_0"):
        quantise(weights, tmp_path / "new.gguf", "Q9")


def test_full_disk_leaves_nothing_behind(weights: Path, tmp_path: Path) -> None:
    with (
        files_no_larger_than(1_000_000),
        pytest.raises(EngineError, match=r"The disk has .* MB free"),
    ):
        quantise(weights, tmp_path / "new.gguf", "Q8_0")
    assert list(tmp_path.iterdir()) == []


def test_damaged_weights_leave_the_old_file(weights: Path, tmp_path: Path) -> None:
    cut, target = tmp_path / "cut.gguf", tmp_path / "target.gguf"
    cut.write_bytes(weights.read_bytes()[:5_000_000])
    target.write_text("as it was")
    with pytest.raises(EngineError, match=r"cannot make Q8_0 of cut.gguf: .*file bounds"):
        quantise(cut, target, "Q8_0")
    assert target.read_text() == "as it was"


def test_folder_that_is_not_there_is_named(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be written: No such file or directory"):
        quantise(weights, tmp_path / "none" / "new.gguf", "Q8_0")
