"""The heartbeat of a web process. Its event loop sends it, so it stops when the loop is blocked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import redis

from arena.limits import PROCESSES

from . import heart

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]
LIVE = "/healthz/live"  # for a load balancer: OK as long as this process responds


def or_live(application: Application) -> Application:
    """Wrap `application` to answer `LIVE` itself, even if the database or broker is down."""

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] != LIVE:
            return await application(scope, receive, send)
        headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"alive\n"})

    return answer


async def lifespan(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Send heartbeats from the server's startup to its shutdown."""
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
        await asyncio.sleep(PROCESSES.beat_s)


async def _tell() -> None:
    """Send heartbeats to the broker. Separate from `_beat`, which must not wait for the broker."""
    from arena import broker, processes  # once the apps are loaded

    while True:
        with contextlib.suppress(redis.RedisError):
            await asyncio.to_thread(processes.beat, broker.connection(), processes.WEB)
        await asyncio.sleep(PROCESSES.beat_s)
