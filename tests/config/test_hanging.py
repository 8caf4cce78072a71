"""Processes of the arena that hang in every way we know, under a real supervisor.

Limits are short here: two seconds for what should end, and 15 s of silence, since a process on a
busy machine that beats late must not be taken for a frozen one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from celery import Celery

from config.embedded.valkey import Valkey
from config.endpoints import celery_broker
from config.limits import STOPPING, Patience
from config.processes import worker
from config.supervisor import Process
from tests.bending import bend
from tests.live.site import free_port

from .test_supervisor import Listening

pytestmark = pytest.mark.timeout(600)
QUEUE = "hanging"
FROZEN = "program hangs: no sign of life"
WEB = [
    sys.executable, "-m", "uvicorn", "tests.config.hanging:application", "--factory",
    "--log-level", "warning",
]  # fmt: skip


@pytest.fixture
def listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listening]:
    bend(monkeypatch, STOPPING, last_words_s=0.5)
    broker = Valkey(tmp_path)
    broker.start()
    found = Listening(tmp_path / "var")
    found.environment["REDIS_URL"] = broker.url
    found.patience = Patience(running=15.0)
    yield found
    broker.stop()


async def each_ends(
    listening: Listening, process: Process, ways: list[tuple[Callable[[], Awaitable[object]], str]]
) -> None:
    """Have the process hang in each of the ways; it says why in one line, and is started again."""
    listening._expected = {"program", "another"}
    keeping = asyncio.create_task(listening._keep(process))
    try:
        for number, (hang, reason) in enumerate(ways, start=1):
            await listening.says("✓ program", number)
            await hang()
            await listening.says("restarting it", number)
            await listening.says(reason, 1)
    finally:
        listening.stopping.set()
        await listening._stop_processes()
        await asyncio.wait({keeping}, timeout=20)


async def freeze(listening: Listening) -> None:
    os.kill(listening.running["program"].process.pid, signal.SIGSTOP)


def test_core_worker_that_hangs_is_started_again(listening: Listening) -> None:
    command = [*worker("core", threads=2), "--include", "tests.config.hanging"]
    command[command.index("core")] = f"core,{QUEUE}"

    def sent(name: str, times: int = 1) -> Callable[[], Awaitable[object]]:
        async def send() -> None:
            broker = celery_broker(listening.environment["REDIS_URL"])
            with Celery(broker=broker, set_as_current=False) as app:
                for _ in range(times):
                    app.send_task(f"hang.{name}", queue=QUEUE)

        return send

    ways = [
        (sent("compute"), "Hangs, so it ends: a task computes and does not end."),
        (sent("wait", 3), "Hangs, so it ends: tasks wait, and none of those that occupy its"),
        (lambda: freeze(listening), FROZEN),
    ]
    process = Process("program", command, patience=listening.patience)
    asyncio.run(each_ends(listening, process, ways))


def test_web_process_that_hangs_is_started_again(listening: Listening) -> None:
    port = free_port()
    listening.port = port
    command = [*WEB, "--port", str(port)]

    def asked(path: str) -> Callable[[], Awaitable[object]]:
        async def ask() -> None:
            async with httpx.AsyncClient(timeout=2) as client:
                with contextlib.suppress(httpx.HTTPError):
                    await client.get(f"http://127.0.0.1:{port}/{path}")

        return ask

    ways = [
        (asked("wait"), "Hangs, so it ends: its pool of threads stands still."),
        (asked("hold"), FROZEN),
    ]
    process = Process("program", command, reports=False, patience=listening.patience)
    asyncio.run(each_ends(listening, process, ways))
