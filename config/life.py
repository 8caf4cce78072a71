"""Signs of life: the supervisor's end of the pipe, and the end of a process that gives none."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass

LOOK_S = 1.0
LAST_WORDS_S = 3.0  # for a process that hangs to tell what it is at


@dataclass(frozen=True)
class Patience:
    """How long a process may be silent [s]: once it has begun, and before."""

    running: float = 60.0
    starting: float = 300.0


class Life:
    """A pipe; the process inherits `its_end`, and says by it that it lives."""

    def __init__(self) -> None:
        self._ours, self.its_end = os.pipe()
        os.set_blocking(self._ours, False)
        os.set_blocking(self.its_end, False)
        self._has_begun = False
        self._silence = 0  # looks since the last sign, or since the start

    def listen(self) -> None:
        """Once the process has its end."""
        os.close(self.its_end)
        asyncio.get_running_loop().add_reader(self._ours, self._hear)

    def _hear(self) -> None:
        if os.read(self._ours, 4096):
            self._has_begun, self._silence = True, 0
        else:
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)

    async def ends(self, patience: Patience) -> float:
        """Return when the process has been silent for too long, and how long that is. Counted in
        our own looks: a machine that stood still with all its processes is no reason to end one."""
        while self._silence * LOOK_S < (limit := self._limit(patience)):
            await asyncio.sleep(LOOK_S)
            self._silence += 1
        return limit

    def _limit(self, patience: Patience) -> float:
        return patience.running if self._has_begun else patience.starting


async def end_with_last_words(child: asyncio.subprocess.Process) -> None:
    send(child, signal.SIGABRT)  # faulthandler writes down what every thread is at
    await asyncio.sleep(LAST_WORDS_S)
    send(child, signal.SIGKILL)


def send(child: asyncio.subprocess.Process, how: signal.Signals) -> None:
    """To one that may have ended by itself meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(how)
