"""Whose turn it is to use the cores."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class FairLock:
    """A lock that is given out in the order it was asked for.

    threading.Lock lets the thread that just released it take it again before a waiting one is
    awake, so an engine in its decoding loop would starve all others.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()  # released by whoever hands the lock over

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


# llama_decode runs on all cores and its threads spin at barriers. Two at the same time would each
# wait for threads the other keeps off the cores: together slower than one after the other, by far.
# So the engines of a process take turns, one step each.
cores = FairLock()
