"""The kinds of check. A kind is one module, and one line here."""

from __future__ import annotations

from . import choice, exact, number, pattern
from .outcomes import Judge, UnusableError

KINDS = {
    "exact": exact.judge_for,
    "number": number.judge_for,
    "choice": choice.judge_for,
    "regex": pattern.judge_for,
}
CHARACTERS = 2_000  # of what is expected


def judge_for(kind: str, expected: str, tolerance: str = "") -> Judge:
    """Raises UnusableError."""
    if kind not in KINDS:
        raise UnusableError(f"there is no check “{kind[:40]}”, only {', '.join(KINDS)}")
    if not expected.strip():
        raise UnusableError(f"the check “{kind}” has no 'expected'")
    if len(expected) > CHARACTERS:
        raise UnusableError(f"'expected' has more than {CHARACTERS:,} characters")
    return KINDS[kind](expected, tolerance)
