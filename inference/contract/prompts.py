"""A prompt as a model reads it, which only a worker with its weights can tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from .requests import known


@dataclass(frozen=True)
class Piece:
    """A stretch of the prompt: plain text, or a single control token."""

    text: str
    control: bool = False


@dataclass(frozen=True)
class Shown:
    """What a prompt format makes of a conversation. With an `error`, nothing."""

    pieces: list[Piece] = field(default_factory=list)
    tokens: int = 0
    bos: int = 0  # how often the token occurs that begins a text
    bos_in_a_row: int = 0  # the longest run of it
    folded: bool = False  # the format has no system role: its text goes before the first prompt
    error: str = ""  # a sentence

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """From a worker, perhaps of another version."""
        pieces = [Piece(**known(Piece, each)) for each in data.get("pieces", [])]
        return cls(**{**known(cls, data), "pieces": pieces})
