"""What travels between the arena and a model worker: plain data, no names, no database ids.

A request carries everything a worker needs; a result is all the arena learns.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class GenerateRequest:
    """One attempt at one answer."""

    stream: str  # where the text goes
    attempt: int
    weights: str
    messages: list[dict[str, str]]  # [{"role": ..., "content": ...}]
    sampling: dict[str, Any] = field(default_factory=dict)
    max_tokens: int = 512
    prompt_format: str = ""
    dispatched_at: float = field(default_factory=time.time)  # [s since the epoch]
    deadline_s: float = 120.0  # from dispatch

    @property
    def queue(self) -> str:
        return queue_of(self.weights)

    @property
    def seconds_left(self) -> float:
        return self.dispatched_at + self.deadline_s - time.time()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class GenerateResult:
    """How an attempt ended. `error` is a sentence for the operator, never shown as an answer."""

    stream: str
    attempt: int
    text: str = ""
    finish_reason: str = "error"  # stop | length | cancelled | deadline | error
    error: str = ""
    permanent: bool = False  # whether trying again makes no sense
    queued_s: float = 0.0
    first_token_s: float | None = None
    total_s: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    engine: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        return cls(**data)


def queue_of(weights: str) -> str:
    return f"model.{weights}"
