"""How inputs are tried, and what they may cost."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, settings

from tests.arena.hostile import repeated, seconds

EXAMPLES = int(os.environ.get("FUZZ", "0"))  # how many new ones; without it a few, always the same
SPARE_S = 0.03  # for whatever else the process does meanwhile
SPARE_BYTES = 2_000_000
TRIES = 3
plain = repeated("plain words ")
T = TypeVar("T")

fuzzed = settings(
    max_examples=EXAMPLES or 40,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[*HealthCheck],
)


def unless_refused(kind: type[Exception], work: Callable[[], T]) -> T | None:
    """What `work` returns; None if it refuses with an error of this kind, in words."""
    try:
        return work()
    except kind as refusal:
        words = str(refusal)
    assert words.strip()
    assert "Traceback" not in words
    words.encode()  # it can be printed
    return None


def check_cost(work: Callable[[str], object], text: str, *, times: float) -> None:
    """`work` takes at most `times` the processor time that plain words of the same length take, and
    100 times the memory of the text."""
    _check_seconds(work, text, times * _best(work, plain(len(text))))
    assert peak(work, text) < 100 * 4 * len(text) + SPARE_BYTES


def _check_seconds(work: Callable[[str], object], text: str, most: float) -> None:
    for _ in range(TRIES):
        if (took := seconds(work, text)) < most + SPARE_S:
            return
    raise AssertionError(f"{took:.3f} s, where {most:.3f} s are allowed")


def _best(work: Callable[[str], object], text: str) -> float:
    return min(seconds(work, text) for _ in range(2))


def peak(work: Callable[[str], object], text: str) -> int:
    """The most memory that was in use at a time [bytes]."""
    tracemalloc.start()
    try:
        work(text)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
