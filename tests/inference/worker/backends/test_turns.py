"""A slow API with one slot, flooded by one client."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from inference.contract.requests import Endpoint, GenerateRequest
from inference.worker.backends import Host
from inference.worker.backends import start as start_backend
from inference.worker.backends.turns import Turns

from .odd_server import Answer, OddServer, odd_server, word

ANSWER_S = 0.2


def slow() -> Iterator[bytes]:
    yield word("Once")
    time.sleep(ANSWER_S)
    yield b"data: [DONE]\n\n"


def request(server: OddServer, client: str, says: str) -> GenerateRequest:
    return GenerateRequest(
        stream=str(uuid.uuid4()),
        attempt=1,
        weights="",
        backend="openai",
        endpoint=Endpoint(url=server.url, model="m", key_variable="", meter="test"),
        messages=[{"role": "user", "content": says}],
        client=client,
    )


def test_flood_delays_a_volunteer_by_one_answer(tmp_path: Path) -> None:
    backend = start_backend("openai", Host(tmp_path, 10**9, 2, 512, remote_slots=1))
    with odd_server(Answer(slow)) as server, ExitStack() as stack:
        for number in range(50):
            flooding = request(server, "net/flooder", f"flood {number}")
            stack.enter_context(backend.generate(flooding))
        while not server.asked:
            time.sleep(0.01)
        before = len(server.asked)
        volunteer = stack.enter_context(backend.generate(request(server, "home/v", "please")))
        outcome = volunteer.wait(30)
        asked = [body["messages"][0]["content"] for body in server.asked]
    backend.close()
    assert outcome is not None
    assert outcome.finish_reason == "stop"
    assert asked.index("please") <= before + 1  # after the one under way, and one that just began


@pytest.mark.parametrize("slots", [1, 2])
def test_slot_of_a_waiter_that_is_cancelled_is_not_lost(slots: int) -> None:
    async def scene() -> None:
        turns = Turns(slots)
        for _ in range(slots):
            await turns.acquire("a")
        waiting = [asyncio.create_task(turns.acquire(name)) for name in ("b", "c")]
        await asyncio.sleep(0)
        waiting[0].cancel()
        turns.release("a")  # while it is being cancelled: it may just have been let in
        await asyncio.wait_for(waiting[1], 5)
        turns.release("c")
        await asyncio.wait_for(turns.acquire("d"), 5)

    asyncio.run(scene())
