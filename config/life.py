"""The supervisor's side of the heartbeats: it listens, and ends processes that hang."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

from .limits import STOPPING, Patience

LOOK_S = 1.0


class Life:
    """A pipe whose write end, `its_end`, the process inherits for its heartbeats."""

    def __init__(self) -> None:
        self._ours, self.its_end = os.pipe()
        os.set_blocking(self._ours, False)
        os.set_blocking(self.its_end, False)
        self._has_begun = False
        self._silence = 0  # checks since the last heartbeat, or since the start

    def listen(self) -> None:
        """Start listening. Call this once the process has inherited its end."""
        os.close(self.its_end)
        asyncio.get_running_loop().add_reader(self._ours, self._hear)

    def _hear(self) -> None:
        if os.read(self._ours, 4096):
            self._has_begun, self._silence = True, 0
        else:
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)

    async def ends(self, patience: Patience) -> float:
        """Wait until the process has been silent for too long. Returns that limit [s]. Counts our
        own checks, not clock time, so that a suspended machine does not look like a hang."""
        while self._silence * LOOK_S < (limit := self._limit(patience)):
            await asyncio.sleep(LOOK_S)
            self._silence += 1
        return limit

    def _limit(self, patience: Patience) -> float:
        return patience.running if self._has_begun else patience.starting


async def end_with_last_words(child: asyncio.subprocess.Process) -> None:
    send(child, signal.SIGABRT)  # faulthandler dumps the traceback of every thread
    await asyncio.sleep(STOPPING.last_words_s)
    send(child, signal.SIGKILL)


def send(child: asyncio.subprocess.Process, how: signal.Signals) -> None:
    """Send a signal to a child that may already have exited."""
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(how)
