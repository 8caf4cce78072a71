"""The streams that the browsers of this process watch, read together.

One command reads whatever is new in all of them, however many watch: two hundred tabs cost the
broker as much as one, and an entry that many wait for is parsed once.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

import redis.asyncio

from inference.contract.streams import Entry, follow, nudge

BLOCK_MS = 400


class Tail:
    """One stream as far as it was read: from its beginning, for whoever joins later."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.watches: set[Watch] = set()

    @property
    def seen(self) -> str:
        return self.entries[-1].id if self.entries else "0"

    def extend(self, entries: Iterable[Entry]) -> None:
        self.entries += entries
        for watch in self.watches:
            watch.news.set()


class Watch:
    """What one browser has yet to see of its streams."""

    def __init__(self, tails: dict[str, Tail]) -> None:
        self.tails = tails
        self.news = asyncio.Event()
        self.failure: Exception | None = None
        self._taken = dict.fromkeys(tails, 0)

    async def wait(self, seconds: float) -> None:
        """Until something new has come, at most for so long. Raises what ended the reading."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.news.wait()
        self.check()

    def check(self) -> None:
        """What is new will be taken now. Raises what ended the reading."""
        self.news.clear()
        if self.failure is not None:
            raise self.failure

    def take(self) -> Iterator[tuple[str, Entry]]:
        """Each new entry once, with the name of its stream."""
        for stream, tail in self.tails.items():
            new = tail.entries[self._taken[stream] :]
            self._taken[stream] += len(new)
            for entry in new:
                yield stream, entry


class Tails:
    """Of one event loop. Nothing runs while nobody watches."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._tails: dict[str, Tail] = {}
        self._reader: asyncio.Task[None] | None = None
        self._connection: redis.asyncio.Redis  # of the reader, and of those who wake it
        self._doorbell = str(uuid.uuid4())  # a stream of our own: it ends the reader's waiting
        self._rung = "0"

    @asynccontextmanager
    async def watch(self, streams: Iterable[str]) -> AsyncIterator[Watch]:
        watch = Watch({stream: self._tails.setdefault(stream, Tail()) for stream in streams})
        for tail in watch.tails.values():
            tail.watches.add(watch)
        watch.news.set()  # others may have had it read already
        try:
            await self._notice()
            yield watch
        finally:
            for stream, tail in watch.tails.items():
                tail.watches.discard(watch)
                if not tail.watches and self._tails.get(stream) is tail:
                    del self._tails[stream]

    async def _notice(self) -> None:
        """Have the reader know of new streams now, not when it has waited long enough."""
        if self._reader is None:
            # Without a driver's name: finding its version takes longer than connecting.
            self._connection = redis.asyncio.Redis.from_url(self._url, driver_info=None)
            self._reader = asyncio.create_task(self._read(self._connection))
        else:
            await nudge(self._connection, self._doorbell)

    async def _read(self, connection: redis.asyncio.Redis) -> None:
        try:
            while self._tails:
                await self._read_once(connection)
        except Exception as error:  # each browser reconnects and goes on from where it was
            for watch in {watch for tail in self._tails.values() for watch in tail.watches}:
                watch.failure = error
                watch.news.set()
        finally:
            self._reader = None  # before anything is awaited: who comes now starts another
            await connection.aclose()

    async def _read_once(self, connection: redis.asyncio.Redis) -> None:
        tails = dict(self._tails)
        seen = {stream: tail.seen for stream, tail in tails.items()}
        arrived = await follow(connection, {**seen, self._doorbell: self._rung}, BLOCK_MS)
        if rings := arrived.pop(self._doorbell, []):
            self._rung = rings[-1].id
        for stream, entries in arrived.items():
            if self._tails.get(stream) is tails[stream]:  # not left and begun anew meanwhile
                tails[stream].extend(entries)
