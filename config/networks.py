"""How many requests of one network a web process works on at once, and how often it refuses one.
Threads share one core, so whoever opens a hundred connections would have a hundred times the share
of a visitor, and whoever asks again at once after each refusal would keep it busy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from weakref import WeakValueDictionary

from arena.limiting.addresses import prefix_in

from .limits import REQUESTS
from .web_life import Application, Receive, Send

REFUSED = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}  # for now


@dataclass(eq=False)
class Network:
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(REQUESTS.at_once))
    refused_at: float = 0.0  # when its last refusal is sent, on the clock of the loop

    async def be_refused(self) -> None:
        """Wait until the next refusal may be sent: one after the other, however many there are."""
        now = asyncio.get_running_loop().time()
        next_at = max(now, self.refused_at) + REQUESTS.refused_s
        self.refused_at = min(next_at, now + REQUESTS.refused_most_s)
        await asyncio.sleep(self.refused_at - now)


# Those of which a request is under way.
_networks = WeakValueDictionary[str, Network]()


def shared(application: Application) -> Application:
    """Wrap `application` to work on a request once the whole of it has arrived and its network has
    a place, which it gives back when the response begins, or after a second: neither who sends or
    reads slowly keeps one, nor whoever waits for a database that is away, or for a refusal.
    Visitors of unknown networks do not wait."""

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        network = prefix_in(scope)
        if not network:
            return await application(scope, receive, send)
        with _place(network) as place:
            await application(scope, place.after(receive), place.before(send))
            await place.refuse(send)

    return answer


class Place:
    def __init__(self, network: Network) -> None:
        self._network = network
        self._refusal: list[dict[str, Any]] = []
        self._ends: asyncio.TimerHandle | None = None  # while it is taken

    def after(self, receive: Receive) -> Receive:
        async def received() -> dict[str, Any]:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                await self._network.places.acquire()
                loop = asyncio.get_running_loop()
                self._ends = loop.call_later(REQUESTS.place_s, self.give_back)
            return message

        return received

    def before(self, send: Send) -> Send:
        async def sent(message: dict[str, Any]) -> None:
            self.give_back()
            if self._refusal or message.get("status") in REFUSED:
                self._refusal.append(message)
            else:
                await send(message)

        return sent

    async def refuse(self, send: Send) -> None:
        """Send the refusal, if it is one, once the application has ended: it has given back its
        connection to the database, of which there are fewer than there may be in a flood."""
        if self._refusal:
            await self._network.be_refused()
        for message in self._refusal:
            await send(message)

    def give_back(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None
            self._network.places.release()


@contextmanager
def _place(network: str) -> Iterator[Place]:
    place = Place(_networks.setdefault(network, Network()))
    try:
        yield place
    finally:
        place.give_back()
