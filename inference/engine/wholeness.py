"""Detects incomplete downloads by blocks of zeros where numbers should be.

The length does not show them: programs that download in parts, or preallocate the file, leave a
file of the right length.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gguf import ReaderTensor

from ..contract.errors import EngineError
from .inspection import Header

BLOCK = 16 << 10  # bytes; real rows of numbers have no run of zeros this long
READ = 256 * BLOCK
# Rows of untrained tokens may well be zero.
_BY_TOKEN = ("token_embd", "output.weight", "position_embd", "token_types", "per_layer_token_embd")
_ZEROS = bytes(BLOCK)


@dataclass(frozen=True)
class _Seen:
    """A tensor, with the number of its bytes in all-zero blocks."""

    is_matrix: bool
    by_token: bool
    bytes: int
    zeros: int

    @property
    def is_blank(self) -> bool:
        return self.zeros == self.bytes > 0

    @property
    def has_hole(self) -> bool:
        return self.is_matrix and not self.by_token and 0 < self.zeros < self.bytes


def check_whole(weights: Path) -> None:
    """Read all of `weights`. Raises EngineError, permanent, if there are zeros where a model has
    none: in part of a matrix, in adjacent tensors, or in the whole token table."""
    tensors = sorted(Header(weights).tensors, key=lambda tensor: tensor.data_offset)
    with weights.open("rb") as file:
        seen = [_look(file, tensor) for tensor in tensors]
    missing = sum(each.zeros for each in _suspect(seen))
    if missing:
        raise EngineError(
            f"{weights.name} is not complete: about {math.ceil(missing / 1e6):,} MB of its numbers "
            "are zeros, as after an interrupted download. Download it again and compare its "
            "SHA-256.",
            permanent=True,
        )


def _suspect(seen: list[_Seen]) -> Iterator[_Seen]:
    # A single matrix may be all zeros, as in added layers that were never trained.
    for before, each, after in zip([None, *seen], seen, [*seen[1:], None], strict=False):
        beside = any(other and (other.is_blank or other.has_hole) for other in (before, after))
        blank = each.is_matrix and each.is_blank and (beside or each.by_token)
        if each.has_hole or blank:
            yield each


def _look(file: BinaryIO, tensor: ReaderTensor) -> _Seen:
    name, size = tensor.name, int(tensor.n_bytes)
    file.seek(tensor.data_offset)
    return _Seen(
        is_matrix=sum(int(length) > 1 for length in tensor.shape) > 1,
        by_token=name.startswith(_BY_TOKEN),
        bytes=size,
        zeros=sum(len(block) for block in _blocks(file, size) if block == _ZEROS[: len(block)]),
    )


def _blocks(file: BinaryIO, size: int) -> Iterator[memoryview]:
    while size > 0:
        read = memoryview(file.read(min(READ, size)))
        if not read:
            return
        size -= len(read)
        yield from (read[at : at + BLOCK] for at in range(0, len(read), BLOCK))
