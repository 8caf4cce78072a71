"""How many large bodies a web process takes at once, in all and of one network. Django keeps each
in memory, so whoever opened a thousand connections and finished no form would fill it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from .limits import REQUESTS

_EVERYBODY = ""
# Of each network, while a large body of it is there or waits.
_places = WeakValueDictionary[str, asyncio.Semaphore]()

Take = Callable[[], Awaitable[None]]


@asynccontextmanager
async def place(network: str) -> AsyncIterator[Take]:
    """Gives what waits for a place, which is kept until the end. Networks that are unknown ("")
    share those of everybody alone."""
    wanted = [(_EVERYBODY, REQUESTS.large_at_once)]
    if network:
        wanted.append((network, REQUESTS.large_of_network))
    async with AsyncExitStack() as taken:

        async def take() -> None:
            while wanted:  # its own network's first: who waits for that keeps nobody else waiting
                await taken.enter_async_context(_of(*wanted.pop()))

        yield take


def _of(whom: str, number: int) -> asyncio.Semaphore:
    return _places.setdefault(whom, asyncio.Semaphore(number))
