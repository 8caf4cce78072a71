"""Whose turn it is to use the cores."""

from __future__ import annotations

import logging
import threading
import time
from typing import Protocol

# Both answers of a battle come within milliseconds, those of many voters often in one crowd, and
# many prompts are read in one step as fast as one. Where nothing is running yet, the first step
# waits until nobody has come for this long.
GATHER_S = 0.01
GATHER_AT_MOST_S = 0.05

logger = logging.getLogger(__name__)


class Member(Protocol):
    """One that decodes in turns. Both methods are called by the decoding thread only."""

    def has_work(self) -> bool: ...

    def turn(self) -> None:
        """Do one step. Who raises gets no more turns."""


class Decoder:
    """The one thread of a process that decodes: a step for each engine that has work, in turn.

    One thread, because llama_decode runs on all cores and OpenMP keeps a team of threads for every
    thread that calls it. With two teams there are more threads than cores, and then they no longer
    spin at the hundreds of barriers of a step but sleep: that alone halves the speed. And two
    engines decoding at the same time would wait for each other's threads at every barrier.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._members: list[Member] = []
        self._thread: threading.Thread | None = None

    def join(self, member: Member) -> None:
        with self._changed:
            self._members.append(member)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="decoder", daemon=True)
                self._thread.start()
            self._changed.notify()

    def leave(self, member: Member) -> None:
        with self._changed:
            if member in self._members:
                self._members.remove(member)

    def wake(self) -> None:
        """Some member has work now."""
        with self._changed:
            self._changed.notify()

    def _run(self) -> None:
        while True:
            for member in self._wait_for_work():
                self._give_turn(member)

    def _wait_for_work(self) -> list[Member]:
        """Those that have some: none only if what woke this thread was taken back."""
        with self._changed:
            if not self._ready():
                while not self._ready():
                    self._changed.wait()
                self._gather()
            return self._ready()

    def _gather(self) -> None:
        until = time.monotonic() + GATHER_AT_MOST_S
        while self._changed.wait(GATHER_S) and time.monotonic() < until:
            pass

    def _ready(self) -> list[Member]:
        return [member for member in self._members if member.has_work()]

    def _give_turn(self, member: Member) -> None:
        try:
            member.turn()
        except Exception:  # it has failed to fail: the others go on
            logger.exception("%r gets no more turns", member)
            self.leave(member)


decoder = Decoder()
