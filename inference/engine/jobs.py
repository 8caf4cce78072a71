"""What the engine is asked for, and what it reports when done."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

from inference.contract.endings import FinishReason

from ..contract.errors import EngineError

__all__ = ["SEED_MAX", "FinishReason", "Job", "Outcome", "Sampling", "State"]

SEED_MAX = 2**32 - 2  # llama.cpp keeps 2**32 - 1 for "random"


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn. The defaults are those of the public arenas.

    Temperature 0 takes the likeliest token. `top_k` 0, `top_p` 1, `min_p` 0, `repeat_penalty` 1
    and the two other penalties 0 switch their step off. With a `seed` the same job decoded alone
    gives the same text again; without one, `Outcome.seed` tells which was drawn.
    """

    temperature: float = 0.7
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    seed: int | None = None

    def __post_init__(self) -> None:
        # They come from JSON; llama.cpp aborts the whole process on some of them.
        for name, value in vars(self).items():
            if name != "seed" or value is not None:
                _check_number(name, value, whole=name in ("top_k", "seed"))
        _check("temperature", self.temperature, 0.0 <= self.temperature <= 100.0, "0 to 100")
        _check("top_p", self.top_p, 0.0 < self.top_p <= 1.0, "above 0, up to 1")
        _check("top_k", self.top_k, 0 <= self.top_k < 2**31, "0 (off) or more")
        _check("min_p", self.min_p, 0.0 <= self.min_p < 1.0, "0 (off) to below 1")
        _check("repeat_penalty", self.repeat_penalty, 0.0 < self.repeat_penalty <= 10, "0 to 10")
        for name in ("frequency_penalty", "presence_penalty"):
            _check(name, getattr(self, name), abs(getattr(self, name)) <= 10, "-10 to 10")
        if self.seed is not None:
            _check("seed", self.seed, 0 <= self.seed <= SEED_MAX, f"0 to {SEED_MAX:,}")

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> Self:
        """From JSON. Raises EngineError, permanent, on a name or a value that cannot be."""
        known = [field.name for field in fields(cls)]
        if unknown := sorted(set(settings) - set(known)):
            raise EngineError(
                f"There is no sampling parameter {unknown[0]!r}; there are {', '.join(known)}.",
                permanent=True,
            )
        return cls(**settings)


@dataclass(frozen=True)
class Job:
    """One answer to make.

    `messages` are mappings with "role" and "content", oldest first. `max_tokens` bounds the answer,
    `max_thought_tokens` what a model thinks before it. `stop` strings end the answer and are not
    part of it. It may take `deadline_s` from its slot on, and wait `patience_s` for that [s].
    `prompt_format` is a Jinja chat template; "" takes the one in the weights' file.
    """

    messages: tuple[Mapping[str, str], ...]
    sampling: Sampling
    max_tokens: int
    max_thought_tokens: int = 2048
    stop: tuple[str, ...] = ()
    deadline_s: float = 120
    patience_s: float = 600
    prompt_format: str = ""

    def __post_init__(self) -> None:
        _check("messages", len(self.messages), len(self.messages) > 0, "at least one")
        _check("max_tokens", self.max_tokens, self.max_tokens >= 1, "1 or more")
        _check(
            "max_thought_tokens", self.max_thought_tokens, self.max_thought_tokens >= 0, "0 or more"
        )
        _check("deadline_s", self.deadline_s, self.deadline_s > 0, "above 0")
        _check("patience_s", self.patience_s, self.patience_s >= 0, "0 or more")
        texts = all(isinstance(stop, str) and stop for stop in self.stop)
        _check("stop", self.stop, texts, "strings that are not empty")


class State(StrEnum):
    """Where an answer is on its way. It only ever moves down this list."""

    QUEUED = "queued"
    PREFILLING = "prefilling"
    DECODING = "decoding"
    FINISHED = "finished"


@dataclass(frozen=True)
class Outcome:
    """How an answer ended. Times are seconds since submission."""

    finish_reason: FinishReason
    error: str  # a sentence, or ""
    queued_s: float  # until it had a slot
    first_token_s: float | None  # of the answer, not of its thoughts
    total_s: float
    prompt_tokens: int
    reused_tokens: int  # of the prompt: found in the slot's cache, not computed again
    completion_tokens: int  # the end-of-generation token not counted, nor the thoughts'
    tokens_per_second: float  # from the first token to the last; 0 below two tokens
    seed: int
    thought_tokens: int = 0
    vain_prompt_tokens: int = 0  # of what had to be asked for again in other terms: paid as well
    vain_tokens: int = 0
    permanent: bool = False  # of an error: whether trying again makes no sense
    of_prompt: bool = False  # of an error: whether the prompt is to blame
    weights_sha256: str = ""  # of the file that made it


def _check_number(name: str, value: object, *, whole: bool) -> None:
    is_one = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    _check(name, value, is_one, "a whole number" if whole else "a number")


def _check(name: str, value: object, holds: bool, allowed: str) -> None:
    # A NaN fails every comparison above; infinities fail the bounds.
    if not holds or (isinstance(value, float) and not math.isfinite(value)):
        raise EngineError(f"{name} is {value}, but must be {allowed}.", permanent=True)
