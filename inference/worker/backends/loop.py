"""An asyncio loop in its own thread. Thread-safe: any thread may begin a task and cancel it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

Work = Coroutine[Any, Any, None]


class LoopThread:
    """Runs until closed; awaits `at_end` after all tasks have ended."""

    def __init__(self, name: str, *, at_end: Callable[[], Awaitable[None]]) -> None:
        self._at_end = at_end
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def begin(self, work: Work) -> Callable[[], object]:
        """Begin `work`. Returns a function that cancels it."""
        task = asyncio.run_coroutine_threadsafe(self._begun(work), self._loop).result()
        return lambda: task.done() or self._loop.call_soon_threadsafe(task.cancel)

    def close(self) -> None:
        """Cancel all running tasks, wait for them to end, and stop. Idempotent."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closing.set)
            self._thread.join()

    async def _begun(self, work: Work) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        await asyncio.sleep(0)  # a task cancelled before its first step could not report its end
        return task

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_closed())

    async def _until_closed(self) -> None:
        await self._closing.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._at_end()
