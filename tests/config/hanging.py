"""Ways to hang, for a worker that includes this module and for a web process. Limits are short."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from typing import Any

from celery import shared_task

from config.limits import VITALS

for limit in ("idle_s", "loop_s", "computing_s"):
    vars(VITALS)[limit] = 2.0


@shared_task(name="hang.compute")
def compute() -> None:
    while True:
        pass


@shared_task(name="hang.hold")
def hold() -> None:
    """One call in C that does not let go of Python's lock."""
    re.match(r"(a+)+$", "a" * 60 + "b")


@shared_task(name="hang.wait")
def wait() -> None:
    threading.Event().wait()


async def wait_in_all_threads() -> None:
    for _ in range(100):
        asyncio.get_running_loop().run_in_executor(None, wait)


def application() -> Any:
    """The arena's, with an address for each way to hang."""
    from config.asgi import application as arena

    ways: dict[str, Callable[[], Any]] = {"/compute": compute, "/hold": hold}

    async def hanging(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope.get("path") == "/wait":
            await wait_in_all_threads()
        elif way := ways.get(scope.get("path", "")):
            way()
        else:
            await arena(scope, receive, send)

    return hanging
