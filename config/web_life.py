"""The heartbeat of a web process, and what it says of itself: `LIVE`, `READY`, `METRICS`.

The event loop sends the heartbeat, so it stops when the loop is blocked. A thread watches over what
the loop does not notice: threads that are all blocked, and a request that computes without end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, NamedTuple

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from arena import counters
from arena.limits import PROCESSES
from inference.contract import loops, request_ids, traces

from . import heart, tracing
from .limits import VITALS
from .work import Work

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]
# This process responds, whatever happens to the rest; the second is its former address.
LIVE = ("/livez", "/healthz/live")
METRICS = "/metrics"
READY = "/readyz"  # so do the database and the queue, and the tables are those of this release
HEALTH = "/healthz"
THREADS = "pool of threads"
MEASURED = ("begin", "continue", "vote", "battle", "leaderboard", "file")
requests = Work()
logger = logging.getLogger("evenhand.requests")


class Page(NamedTuple):
    """Plain text, without anything of Django."""

    status: int
    text: bytes
    type: str = "text/plain; charset=utf-8"


def with_probes(application: Application) -> Application:
    """Wrap `application` to answer these itself: no middleware, no host to be allowed, and no
    database for `LIVE`. Before there are tables, no page can be had, and each says so."""

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] in LIVE:
            await _say(send, [])
        elif scope["path"] == METRICS:
            await _show(send, await asyncio.to_thread(_metrics, scope["headers"]))
        elif scope["path"] == READY:
            await _say(send, await asyncio.to_thread(_health().unready))
        elif not _health().is_prepared() and (
            problems := await asyncio.to_thread(_health().unprepared)
        ):
            await _say(send, problems)
        else:
            await application(_named(scope), receive, send)

    return answer


def _named(scope: dict[str, Any]) -> dict[str, Any]:
    """What monitoring asks of `HEALTH`, by whatever name or address of this host."""
    names = settings.ALLOWED_HOSTS
    if scope["path"] != HEALTH or not names or "*" in names:
        return scope
    others = [header for header in scope["headers"] if header[0] != b"host"]
    host = names[0].lstrip(".").encode()
    return {**scope, "headers": [*others, (b"host", host)]}


def _health() -> Any:
    from arena.pages import health  # once the apps are loaded

    return health


def _metrics(headers: list[tuple[bytes, bytes]]) -> Page:
    from .metrics import page  # once the apps are loaded

    return page.answer(headers)


async def _show(send: Send, page: Page) -> None:
    headers = [(b"content-type", page.type.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": page.status, "headers": headers})
    await send({"type": "http.response.body", "body": page.text})


async def _say(send: Send, problems: list[str]) -> None:
    status, said = (503, problems) if problems else (200, ["ok"])
    await _show(send, Page(status, "".join(f"{x}\n" for x in said).encode()))


def watched(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Any:
    """Middleware: each request is a piece of work, with an id that its proxy knows as well."""

    def watch(request: HttpRequest) -> HttpResponseBase:
        began, header = time.monotonic(), request.headers.get(request_ids.HEADER)
        request_id = request_ids.chosen(header, is_trusted=settings.TRUSTED_PROXIES > 0)
        with requests.piece(), request_ids.of(request_id):
            traces.begin()
            response = get_response(request)
            _measure(request, response, time.monotonic() - began)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # To be told to whoever looks into it. Others stay the same, byte by byte.
            response.headers[request_ids.HEADER] = request_id
        return response

    return watch


def _measure(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """The view, never the address: that of an invitation has its code. Monitoring tells few views
    apart, as each has ten buckets."""
    match = request.resolver_match
    view, status = (match.url_name or "" if match else "file"), response.status_code
    traces.end(f"page {view}", status=status, request_id=request_ids.current())
    measured, group = view if view in MEASURED else "other", f"{status // 100}xx"
    counters.observe("request_seconds", seconds, view=measured, status=group)
    if logger.isEnabledFor(logging.INFO):
        said = {"method": request.method, "view": view, "status": status, "seconds": seconds}
        logger.info(
            "%(method)s %(view)s: %(status)d after %(seconds).3f s", said, extra={"fields": said}
        )


async def lifespan(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Send heartbeats from the server's startup to its shutdown."""
    await receive()
    tracing.begin("web")
    beating = [asyncio.create_task(each()) for each in (_beat, _turn_threads, _tell)]
    threading.Thread(target=_watch, name="vitals", daemon=True).start()
    await send({"type": "lifespan.startup.complete"})
    heart.tell_systemd("READY=1")
    await receive()
    for task in beating:
        task.cancel()
    await asyncio.to_thread(_tell_broker)
    loops.leave(THREADS)
    await send({"type": "lifespan.shutdown.complete"})


async def _beat() -> None:
    while True:
        heart.beat()
        await asyncio.sleep(PROCESSES.beat_s)


async def _turn_threads() -> None:
    """Have a thread of the pool that sockets use do nothing, again and again."""
    while True:
        await asyncio.to_thread(loops.turn, THREADS)
        await asyncio.sleep(PROCESSES.beat_s)


async def _tell() -> None:
    """Send heartbeats to the broker. Separate from `_beat`, which must not wait for the broker."""
    while True:
        await asyncio.to_thread(_tell_broker)
        await asyncio.sleep(PROCESSES.beat_s)


def _tell_broker() -> None:
    from arena import broker, processes  # once the apps are loaded
    from arena.streaming import live

    from .metrics.process import tell

    with contextlib.suppress(redis.RedisError):
        processes.beat(broker.connection(), processes.WEB)
    tell(broker.connection(), sockets=live.sockets.number)


def _watch() -> None:
    """End the process when it hangs, unless what its threads wait for is away."""
    from . import outside  # once the apps are loaded

    while True:
        time.sleep(PROCESSES.beat_s)
        if loops.slept(VITALS.gap_s):
            loops.forgive()
        if requests.computing > VITALS.computing_s:
            heart.stop("a request computes and does not end")
        if name := loops.standing(VITALS.loop_s):
            if outside.broker_answers() and outside.database_answers():
                heart.stop(f"its {name} stands still")
            loops.forgive()
