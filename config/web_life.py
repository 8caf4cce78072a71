"""Signs of life of a web process, from its event loop: when that stands still, they end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import redis

from . import heart

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]
LIVE = "/healthz/live"  # for a load balancer: answers as long as this process does


def or_live(application: Application) -> Application:
    """An application that answers `LIVE` itself, whatever becomes of database and broker."""

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] != LIVE:
            return await application(scope, receive, send)
        headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"alive\n"})

    return answer


async def lifespan(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Beat from the server's beginning to its end."""
    await receive()
    beating = [asyncio.create_task(_beat()), asyncio.create_task(_tell())]
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for task in beating:
        task.cancel()
    await send({"type": "lifespan.shutdown.complete"})


async def _beat() -> None:
    while True:
        heart.beat()
        await asyncio.sleep(heart.PERIOD_S)


async def _tell() -> None:
    """Tell the broker, which may be away: apart from `_beat`, so that nobody takes us for dead."""
    from arena import broker, processes  # once the apps are loaded

    while True:
        with contextlib.suppress(redis.RedisError):
            await asyncio.to_thread(processes.beat, broker.connection(), processes.WEB)
        await asyncio.sleep(processes.PERIOD_S)
