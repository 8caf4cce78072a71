"""Loops of this process that must keep turning, such as the one that sends its heartbeat.

Each says so at every turn. Whoever watches over the process asks which of them stands still: a
thread that has died or is blocked is seen, though all others go on.
"""

from __future__ import annotations

import time
from collections import deque

_looks: deque[float] = deque(maxlen=2)  # the last two of whoever watches over the process
_turned: dict[str, float] = {}  # by the loop's name, when it last turned


def turn(name: str) -> None:
    _turned[name] = time.monotonic()


def slept(seconds: float) -> bool:
    """Whether the watch itself, which looks now, has not looked for so long: the process was
    frozen, or its machine asleep or overloaded, so nothing else could turn either."""
    now = time.monotonic()
    _looks.append(now)
    return len(_looks) == 2 and now - _looks[0] > seconds


def leave(name: str) -> None:
    """The loop has ended as it should."""
    _turned.pop(name, None)


def forgive() -> None:
    """Let all of them begin anew: what they waited for was away."""
    for name in list(_turned):
        turn(name)


def standing(seconds: float) -> str:
    """The name of a loop that has not turned for so long; "" if there is none."""
    now = time.monotonic()
    return next((name for name, at in _turned.copy().items() if now - at > seconds), "")
