"""Files of the right length with zeros in them, as interrupted downloads leave them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from gguf import GGUFReader

from inference.contract.errors import EngineError
from inference.engine import Engine
from inference.engine.inspection import inspect
from inference.engine.trial import try_out
from inference.engine.wholeness import check_whole

from .families import FAMILIES, Family
from .tiny_weights import LLAMA, write_tiny


def blanked(weights: Path, folder: Path, start: float, end: float) -> Path:
    """A copy with zeros between two fractions of its length."""
    copy = folder / "half.gguf"
    shutil.copy(weights, copy)
    size = copy.stat().st_size
    with copy.open("r+b") as file:
        file.seek(int(size * start))
        file.write(bytes(int(size * end) - int(size * start)))
    return copy


@pytest.mark.parametrize(
    ("start", "end"), [(0.5, 1), (0.98, 1), (0.999, 1), (0.4, 0.41), (0.6, 0.6005), (0.05, 1)]
)
def test_zeros_where_numbers_should_be_are_told(
    weights: Path, tmp_path: Path, start: float, end: float
) -> None:
    half = blanked(weights, tmp_path, start, end)
    with pytest.raises(EngineError, match=r"half.gguf is not complete: about .* MB") as refusal:
        try_out(half)
    assert refusal.value.permanent


def test_half_a_download_with_its_room_set_aside_is_told(weights: Path, tmp_path: Path) -> None:
    half, size = tmp_path / "half.gguf", weights.stat().st_size
    with weights.open("rb") as whole:
        half.write_bytes(whole.read(size // 2))
    with half.open("r+b") as file:
        file.truncate(size)
    with pytest.raises(EngineError, match=r"about [45]\d MB of its numbers are zeros"):
        check_whole(half)


def test_file_longer_than_its_header_says_is_told(weights: Path, tmp_path: Path) -> None:
    longer = tmp_path / "longer.gguf"
    shutil.copy(weights, longer)
    with longer.open("ab") as file:
        file.write(bytes(5_000))
    with pytest.raises(EngineError, match=r"bytes longer than its header says"):
        inspect(longer)


def test_whole_file_passes(weights: Path) -> None:
    check_whole(weights)
    inspect(weights)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_whole_file_of_each_family_passes(family: Family, tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny.gguf", family.architecture)
    check_whole(tmp_path / "tiny.gguf")
    assert inspect(tmp_path / "tiny.gguf").bytes > 0


def zero(file: Path, *names: str) -> None:
    with file.open("r+b") as handle:
        for tensor in GGUFReader(file).tensors:
            if tensor.name in names:
                handle.seek(tensor.data_offset)
                handle.write(bytes(int(tensor.n_bytes)))


def test_single_matrix_of_zeros_is_a_layer_that_was_added(tmp_path: Path) -> None:
    file = tmp_path / "tiny.gguf"
    write_tiny(file, LLAMA)
    zero(file, "blk.1.ffn_down.weight")
    check_whole(file)


def test_table_of_tokens_that_is_all_zeros_is_told(tmp_path: Path) -> None:
    file = tmp_path / "tiny.gguf"
    write_tiny(file, LLAMA)
    zero(file, "token_embd.weight")
    with pytest.raises(EngineError, match="is not complete"):
        check_whole(file)


def test_weights_that_compute_nothing_are_told(tmp_path: Path) -> None:
    file = tmp_path / "tiny.gguf"
    write_tiny(file, LLAMA)
    zero(file, "output_norm.weight")  # one row only: it might be zero on purpose
    check_whole(file)
    with pytest.raises(EngineError, match=r"tiny\.gguf loads, but computes nothing"):
        Engine(file, slots=1, context=128)
