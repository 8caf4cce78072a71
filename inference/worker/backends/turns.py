"""Slots of an API that clients take in turns."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from inference.contract.fairness import Rota


@dataclass(eq=False)
class _Waiting:
    client: str
    turn: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Turns:
    """Like a semaphore, but whoever waits is let in by the rota, not in order of arrival. For one
    event loop."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._rota = Rota()
        self._running: list[str] = []
        self._waiting: list[_Waiting] = []

    async def acquire(self, client: str) -> None:
        """Wait for a slot."""
        one = _Waiting(client)
        self._waiting.append(one)
        self._admit()
        try:
            await one.turn
        except asyncio.CancelledError:
            if one in self._waiting:
                self._waiting.remove(one)
            else:  # let in, and cancelled before it could begin
                self.release(client)
            raise

    def release(self, client: str) -> None:
        self._running.remove(client)
        self._admit()

    def _admit(self) -> None:
        while self._waiting and len(self._running) < self._slots:
            place = self._rota.choose([one.client for one in self._waiting], self._running)
            one = self._waiting.pop(place)
            self._rota.took(one.client)
            self._running.append(one.client)
            if not one.turn.done():  # cancelled in this moment: it gives the slot back
                one.turn.set_result(None)
