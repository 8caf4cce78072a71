"""Reads all streams that this process's browsers watch with one shared reader.

One command reads the new entries of all streams, however many browsers watch: two hundred tabs on
a stream cost the broker as much as one, and each entry is parsed once.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

import redis.asyncio

from inference.contract.streams import Entry, follow, nudge

from ..limits import LIVE


class Tail:
    """One stream as far as it was read, kept from its beginning for watchers that join later."""

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
    """One browser's place in its streams."""

    def __init__(self, tails: dict[str, Tail]) -> None:
        self.tails = tails
        self.news = asyncio.Event()
        self.failure: Exception | None = None
        self._taken = dict.fromkeys(tails, 0)

    async def wait(self, seconds: float) -> None:
        """Wait for a new entry, or for `seconds`. Raises the error that stopped the reader."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.news.wait()
        self.check()

    def check(self) -> None:
        """Reset the event, as the caller will take all new entries. Raises the error that stopped
        the reader."""
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
    """All tails of one event loop. The reader runs only while a browser watches."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._tails: dict[str, Tail] = {}
        self._reader: asyncio.Task[None] | None = None
        self._connection: redis.asyncio.Redis  # used by the reader, and to wake it
        self._doorbell = str(uuid.uuid4())  # a stream whose entries end the reader's wait
        self._rung = "0"

    @asynccontextmanager
    async def watch(self, streams: Iterable[str]) -> AsyncIterator[Watch]:
        watch = Watch({stream: self._tails.setdefault(stream, Tail()) for stream in streams})
        for tail in watch.tails.values():
            tail.watches.add(watch)
        watch.news.set()  # another watcher may have had it read already
        try:
            await self._notice()
            yield watch
        finally:
            for stream, tail in watch.tails.items():
                tail.watches.discard(watch)
                if not tail.watches and self._tails.get(stream) is tail:
                    del self._tails[stream]

    async def _notice(self) -> None:
        """Start the reader, or wake it so that it reads the new streams without delay."""
        if self._reader is None:
            # Without driver info: looking up its version takes longer than connecting.
            self._connection = redis.asyncio.Redis.from_url(self._url, driver_info=None)
            self._reader = asyncio.create_task(self._read(self._connection))
        else:
            await nudge(self._connection, self._doorbell)

    async def _read(self, connection: redis.asyncio.Redis) -> None:
        try:
            while self._tails:
                await self._read_once(connection)
        except Exception as error:  # each browser reconnects and resumes where it was
            for watch in {watch for tail in self._tails.values() for watch in tail.watches}:
                watch.failure = error
                watch.news.set()
        finally:
            self._reader = None  # before any await: the next watcher starts a new reader
            await connection.aclose()

    async def _read_once(self, connection: redis.asyncio.Redis) -> None:
        tails = dict(self._tails)
        seen = {stream: tail.seen for stream, tail in tails.items()}
        wait_ms = round(1000 * LIVE.read_s)
        arrived = await follow(connection, {**seen, self._doorbell: self._rung}, wait_ms)
        if rings := arrived.pop(self._doorbell, []):
            self._rung = rings[-1].id
        for stream, entries in arrived.items():
            if self._tails.get(stream) is tails[stream]:  # else stale: left and watched anew
                tails[stream].extend(entries)
