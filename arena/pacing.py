"""Releasing both sides in step, so that speed does not reveal who writes.

Pure functions of what has arrived: a second tab, or a page loaded again, gets the same view.
"""

from __future__ import annotations

from dataclasses import dataclass

STALL_S = 8.0  # a side silent for this long no longer holds the other back
MAX_STEP = 200  # characters shown at once, so that a fast side does not come in a burst


@dataclass(frozen=True)
class Arrived:
    """What has come in of one side."""

    length: int  # characters
    ended: bool = False
    silent_s: float = 0.0

    @property
    def stalled(self) -> bool:
        return not self.ended and self.silent_s > STALL_S


def in_step(a: Arrived, b: Arrived) -> tuple[int, int]:
    """How many characters of each side may be seen."""
    return _allowed(a, b), _allowed(b, a)


def next_step(seen: int, allowed: int) -> int:
    """How many to show now, when `seen` are shown and `allowed` may be."""
    return min(allowed, seen + MAX_STEP)


def _allowed(side: Arrived, other: Arrived) -> int:
    if other.ended or other.stalled:
        return side.length
    return min(side.length, other.length)
