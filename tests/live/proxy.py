"""A TCP proxy before the arena, or before one of its servers, that can stop carrying anything, as a
router that has lost its state or a train in a tunnel: nothing comes through either way, and nothing
is closed."""

from __future__ import annotations

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress
from typing import Self


class Proxy:
    """Carries everything to the first of its goals that listens, a port or a Unix socket, until
    `hold`. After `carry` all that was held goes on and nothing is lost; `cut` ends all connections
    instead, with what they held; after `refuse` new ones are ended at once, too. `received` counts
    the bytes that the browser got."""

    def __init__(self, *goals: int | str) -> None:
        self.received = 0
        self._goals = goals
        self._refuses = False
        self._loop = asyncio.new_event_loop()
        self._carries = asyncio.Event()
        self._open: set[StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.start_server(self._connect, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.carry()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def hold(self) -> None:
        self._do(self._carries.clear)

    def carry(self) -> None:
        self._refuses = False
        self._do(self._carries.set)

    def cut(self) -> None:
        """Also the end of holding: new connections are carried."""
        self._do(self._abort)
        self.carry()

    def refuse(self) -> None:
        self._refuses = True
        self._do(self._abort)

    def _do(self, deed: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(deed)

    def _abort(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _end(self) -> None:
        self._server.close()
        self._carries.set()
        self._abort()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*rest, return_exceptions=True)

    async def _connect(self, browser: StreamReader, to_browser: StreamWriter) -> None:
        try:
            arena, to_arena = await self._reach()
        except OSError:  # so is the goal for whoever connects
            return to_browser.transport.abort()
        both = {to_browser, to_arena}
        self._open |= both
        try:
            await asyncio.gather(
                self._pump(browser, to_arena), self._pump(arena, to_browser, is_received=True)
            )
        finally:
            self._open -= both
            for writer in both:
                writer.close()

    async def _reach(self) -> tuple[StreamReader, StreamWriter]:
        if self._refuses:
            raise ConnectionRefusedError
        for goal in self._goals:
            with suppress(OSError):
                if isinstance(goal, str):
                    return await asyncio.open_unix_connection(goal)
                return await asyncio.open_connection("127.0.0.1", goal)
        raise ConnectionRefusedError

    async def _pump(
        self, reader: StreamReader, writer: StreamWriter, is_received: bool = False
    ) -> None:
        try:
            while data := await reader.read(65_536):
                await self._carries.wait()
                writer.write(data)
                await writer.drain()
                self.received += len(data) if is_received else 0
            await self._carries.wait()
            writer.write_eof()
        except OSError:  # one end has gone, so the other has to go too
            writer.transport.abort()
