"""The sampling parameters in the arena's terms, checked where they come in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from .errors import EngineError

SEED_MAX = 2**32 - 2  # llama.cpp keeps 2**32 - 1 for "random"


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn. The defaults are those of the public arenas.

    Temperature 0 takes the likeliest token. `top_k` 0, `top_p` 1, `min_p` 0, `repeat_penalty` 1
    and the two other penalties at 0 disable their step. With a `seed`, the same job decoded alone
    yields the same text; without one, `Outcome.seed` has the seed that was drawn.
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
        check("temperature", self.temperature, 0.0 <= self.temperature <= 100.0, "0 to 100")
        check("top_p", self.top_p, 0.0 < self.top_p <= 1.0, "above 0, up to 1")
        check("top_k", self.top_k, 0 <= self.top_k < 2**31, "0 (off) or more")
        check("min_p", self.min_p, 0.0 <= self.min_p < 1.0, "0 (off) to below 1")
        check("repeat_penalty", self.repeat_penalty, 0.0 < self.repeat_penalty <= 10, "0 to 10")
        for name in ("frequency_penalty", "presence_penalty"):
            check(name, getattr(self, name), abs(getattr(self, name)) <= 10, "-10 to 10")
        if self.seed is not None:
            check("seed", self.seed, 0 <= self.seed <= SEED_MAX, f"0 to {SEED_MAX:,}")

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> Self:
        """From JSON. Raises EngineError, permanent, on an unknown name or an invalid value."""
        known = [field.name for field in fields(cls)]
        if unknown := sorted(set(settings) - set(known)):
            raise EngineError(
                f"There is no sampling parameter {unknown[0]!r}; the valid ones are "
                f"{', '.join(known)}.",
                permanent=True,
            )
        return cls(**settings)


def _check_number(name: str, value: object, *, whole: bool) -> None:
    is_one = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    check(name, value, is_one, "a whole number" if whole else "a number")


def check(name: str, value: object, holds: bool, allowed: str) -> None:
    # A NaN fails every comparison above; infinities fail the bounds.
    if not holds or (isinstance(value, float) and not math.isfinite(value)):
        raise EngineError(f"{name} is {value}, but must be {allowed}.", permanent=True)
