"""What a check says of an answer. This and the kinds of check know no database."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Outcome(StrEnum):
    RIGHT = "RIGHT"
    WRONG = "WRONG"
    NONE = "NONE"  # the text holds no answer of the kind that is expected
    UNCHECKED = "UNCHECKED"  # it took too long: this says nothing of the model


Judge = Callable[[str], Outcome]


class UnusableError(ValueError):
    """What is expected can't be checked; the sentence says why, without a full stop."""


def without_tolerance(tolerance: str, kind: str) -> None:
    """Raises UnusableError."""
    if tolerance:
        raise UnusableError(f"a tolerance goes with the check “number” only, not with “{kind}”")
