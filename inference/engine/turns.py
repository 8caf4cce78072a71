"""Whose turn it is to use the cores."""

from __future__ import annotations

import logging
import threading
from typing import Protocol

# Both answers of a battle come within milliseconds, and two prompts are read in one step as fast as
# one: the first waits this long for the second, where nothing else is running.
GATHER_S = 0.01

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
        self._wakes = 0
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
            self._wakes += 1
            self._changed.notify()

    def _run(self) -> None:
        while True:
            for member in self._wait_for_work():
                self._give_turn(member)

    def _wait_for_work(self) -> list[Member]:
        """Those that have some: none only if what woke this thread was taken back."""
        with self._changed:
            if not self._ready():
                self._wakes = 0  # counted while nothing runs
                while not self._ready():
                    self._changed.wait()
                if self._wakes == 1:
                    self._changed.wait(GATHER_S)
            return self._ready()

    def _ready(self) -> list[Member]:
        return [member for member in self._members if member.has_work()]

    def _give_turn(self, member: Member) -> None:
        try:
            member.turn()
        except Exception:  # it has failed to fail: the others go on
            logger.exception("%r gets no more turns", member)
            self.leave(member)


decoder = Decoder()
