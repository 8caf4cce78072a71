"""The thread that decodes, and the order in which engines use it."""

from __future__ import annotations

import logging
import threading
import time
from typing import Protocol

# Both answers of a battle arrive within milliseconds, those of many voters often in a burst, and
# reading many prompts in one step is as fast as reading one. So while nothing is running yet, the
# first step waits until no request has arrived for this long.
GATHER_S = 0.01
GATHER_AT_MOST_S = 0.05

logger = logging.getLogger(__name__)


class Member(Protocol):
    """An engine that decodes in turns. Only the decoding thread calls these methods."""

    def has_work(self) -> bool: ...

    def turn(self) -> None:
        """Do one step. A member that raises gets no more turns."""


class Decoder:
    """The only decoding thread of a process: one step for each engine that has work, round robin.

    A single thread, because llama_decode runs on all cores and OpenMP keeps a team of threads for
    every thread that calls it. With two teams there are more threads than cores, and then they no
    longer spin at the hundreds of barriers of a step but sleep: that alone halves the speed. Two
    engines decoding concurrently would also wait for each other's threads at every barrier.
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
        """Wake the thread, since a member has work now."""
        with self._changed:
            self._changed.notify()

    def _run(self) -> None:
        while True:
            for member in self._wait_for_work():
                self._give_turn(member)

    def _wait_for_work(self) -> list[Member]:
        """Wait for members that have work. May return none if their work is gone meanwhile."""
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
        except Exception:  # its own error handling failed; the others go on
            logger.exception("%r gets no more turns", member)
            self.leave(member)


decoder = Decoder()
