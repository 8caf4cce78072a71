"""The supervisor's end of the pipe through which a process gives its signs of life."""

from __future__ import annotations

import asyncio
import os

LOOK_S = 1.0


class Life:
    """A pipe; the process inherits `its_end`, and says by it that it lives."""

    def __init__(self) -> None:
        self._ours, self.its_end = os.pipe()
        os.set_blocking(self._ours, False)
        os.set_blocking(self.its_end, False)
        self._silence: int | None = None  # looks since the last sign; none came yet

    def listen(self) -> None:
        """Once the process has its end."""
        os.close(self.its_end)
        asyncio.get_running_loop().add_reader(self._ours, self._hear)

    def _hear(self) -> None:
        if os.read(self._ours, 4096):
            self._silence = 0
        else:
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)

    async def ends(self, patience_s: float) -> None:
        """Return when the process, having begun, has been silent for so long. Counted in our own
        looks: a machine that stood still with all its processes is no reason to end one."""
        while self._silence is None or self._silence * LOOK_S < patience_s:
            await asyncio.sleep(LOOK_S)
            if self._silence is not None:
                self._silence += 1
