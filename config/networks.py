"""How many requests of one network a web process works on at once; its others wait. Threads share
one core, so whoever opens a hundred connections would have a hundred times the share of a visitor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakValueDictionary

from arena.limiting.addresses import prefix_in

from .limits import REQUESTS
from .web_life import Application, Receive, Send

# Of each network, while a request of it is under way.
_places = WeakValueDictionary[str, asyncio.Semaphore]()


def shared(application: Application) -> Application:
    """Wrap `application` to work on a request once the whole of it has arrived and its network has
    a place, which it gives back when the response begins, or after a second: neither who sends or
    reads slowly keeps one, nor whoever waits for a database that is away. Visitors of unknown
    networks do not wait."""

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        network = prefix_in(scope)
        if not network:
            return await application(scope, receive, send)
        with _place(network) as place:
            await application(scope, place.after(receive), place.before(send))

    return answer


class Place:
    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._ends: asyncio.TimerHandle | None = None  # while it is taken

    def after(self, receive: Receive) -> Receive:
        async def received() -> dict[str, Any]:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                await self._places.acquire()
                loop = asyncio.get_running_loop()
                self._ends = loop.call_later(REQUESTS.place_s, self.give_back)
            return message

        return received

    def before(self, send: Send) -> Send:
        async def sent(message: dict[str, Any]) -> None:
            self.give_back()
            await send(message)

        return sent

    def give_back(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None
            self._places.release()


@contextmanager
def _place(network: str) -> Iterator[Place]:
    places = _places.setdefault(network, asyncio.Semaphore(REQUESTS.at_once))
    place = Place(places)
    try:
        yield place
    finally:
        place.give_back()
