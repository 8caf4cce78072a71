"""Requests and refusals of one network wait for each other, and nobody for another network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from config.limits import REQUESTS
from config.networks import _networks, shared
from tests.bending import bend

Message = dict[str, Any]
WHOLE = {"type": "http.request", "body": b"", "more_body": False}
PART = {"type": "http.request", "body": b"x", "more_body": True}
REFUSED = {"type": "http.response.start", "status": 429, "headers": []}
BEGUN = {"type": "http.response.start", "status": 200, "headers": []}


class Pages:
    """Reads a request, works until it may go on, and then writes for as long as it likes."""

    def __init__(self) -> None:
        self.at_work: list[str] = []
        self.begun = asyncio.Queue[str]()
        self.may_answer = asyncio.Event()
        self.may_end = asyncio.Event()

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass
        address = scope["client"][0]
        self.at_work.append(address)
        self.begun.put_nowait(address)
        await self.may_answer.wait()
        await send(BEGUN)
        await self.may_end.wait()


def in_a_loop(scene: Callable[[Pages], Awaitable[None]]) -> None:
    async def played() -> None:
        await scene(Pages())

    asyncio.run(asyncio.wait_for(played(), 60))


def asking(pages: Pages, address: str, *sent: Message) -> asyncio.Task[None]:
    messages = iter(sent or [WHOLE])

    async def receive() -> Message:
        if (message := next(messages, None)) is None:
            await asyncio.Event().wait()
        assert message is not None
        return message

    async def send(message: Message) -> None:
        assert message == BEGUN

    scope = {"type": "http", "headers": [], "client": (address, 4711)}
    return asyncio.ensure_future(shared(pages)(scope, receive, send))


async def settled() -> None:
    """All have gone on as far as they can."""
    for _ in range(50):
        await asyncio.sleep(0)


def test_network_has_a_few_requests_at_work_and_others_do_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bend(monkeypatch, REQUESTS, place_s=600.0)

    async def scene(pages: Pages) -> None:
        flood = [asking(pages, f"198.51.100.{n}") for n in range(3 * REQUESTS.at_once)]
        await settled()
        assert len(pages.at_work) == REQUESTS.at_once
        volunteer = asking(pages, "192.0.2.1")
        await settled()
        assert pages.at_work[REQUESTS.at_once :] == ["192.0.2.1"]
        pages.may_answer.set()
        pages.may_end.set()
        await asyncio.gather(*flood, volunteer)
        assert len(pages.at_work) == len(flood) + 1
        assert "198.51.100.0/24" not in _networks

    in_a_loop(scene)


def test_who_sends_slowly_keeps_no_place() -> None:
    async def scene(pages: Pages) -> None:
        slow = [asking(pages, "198.51.100.7", PART) for _ in range(REQUESTS.at_once)]
        await settled()
        whole = asking(pages, "198.51.100.7", PART, WHOLE)
        await settled()
        assert pages.at_work == ["198.51.100.7"]
        for each in (*slow, whole):
            each.cancel()

    in_a_loop(scene)


def test_who_reads_slowly_keeps_no_place() -> None:
    async def scene(pages: Pages) -> None:
        pages.may_answer.set()
        reading = [asking(pages, "198.51.100.7") for _ in range(3 * REQUESTS.at_once)]
        await settled()
        assert len(pages.at_work) == len(reading)
        pages.may_end.set()
        await asyncio.gather(*reading)

    in_a_loop(scene)


def test_who_waits_for_something_else_keeps_its_place_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bend(monkeypatch, REQUESTS, place_s=0.01)

    async def scene(pages: Pages) -> None:
        stuck = [asking(pages, "198.51.100.7") for _ in range(3 * REQUESTS.at_once)]
        for _ in stuck:
            await pages.begun.get()
        pages.may_answer.set()
        pages.may_end.set()
        await asyncio.gather(*stuck)

    in_a_loop(scene)


def test_request_that_is_given_up_gives_its_place_back() -> None:
    async def scene(pages: Pages) -> None:
        gone = [asking(pages, "198.51.100.7") for _ in range(REQUESTS.at_once)]
        await settled()
        next_one = asking(pages, "198.51.100.7")
        for each in gone:
            each.cancel()
        await settled()
        assert len(pages.at_work) == REQUESTS.at_once + 1
        next_one.cancel()

    in_a_loop(scene)


class Refusing:
    """Refuses everything, and notes when the refusal had been sent."""

    def __init__(self) -> None:
        self.sent: list[float] = []

    async def ask(self, address: str) -> None:
        async def receive() -> Message:
            return WHOLE

        async def send(message: Message) -> None:
            self.sent.append(asyncio.get_running_loop().time())

        async def refuse(scope: Message, receive: Any, send: Any) -> None:
            await receive()
            await send(REFUSED)

        await shared(refuse)({"type": "http", "headers": [], "client": (address, 1)}, receive, send)


def test_refusals_of_one_network_are_sent_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bend(monkeypatch, REQUESTS, refused_s=0.05)

    async def scene(_: Pages) -> None:
        refusing, began = Refusing(), asyncio.get_running_loop().time()
        await asyncio.gather(*(refusing.ask(f"198.51.100.{n}") for n in range(10)))
        await refusing.ask("198.51.100.1")  # and so are those of whoever asks again at once
        sent = [at - began for at in refusing.sent]
        assert all(at >= 0.05 * (n + 1) for n, at in enumerate(sent))

    in_a_loop(scene)


def test_refusal_waits_for_those_of_no_other_network_and_not_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bend(monkeypatch, REQUESTS, refused_s=0.1, refused_most_s=600.0)

    async def scene(_: Pages) -> None:
        refusing = Refusing()
        flood = [asyncio.ensure_future(refusing.ask("198.51.100.7")) for _ in range(500)]
        await settled()
        await refusing.ask("192.0.2.1")
        assert len(refusing.sent) < 50
        bend(monkeypatch, REQUESTS, refused_most_s=0.1)
        await asyncio.wait_for(refusing.ask("198.51.100.7"), 30)
        for each in flood:
            each.cancel()

    in_a_loop(scene)


def test_who_waits_for_a_refusal_keeps_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    bend(monkeypatch, REQUESTS, place_s=600.0, refused_s=600.0, refused_most_s=600.0)

    async def scene(pages: Pages) -> None:
        refused = [
            asyncio.ensure_future(Refusing().ask("198.51.100.7")) for _ in range(REQUESTS.at_once)
        ]
        await settled()
        other = asking(pages, "198.51.100.8")
        await settled()
        assert pages.at_work == ["198.51.100.8"]
        for each in (*refused, other):
            each.cancel()

    in_a_loop(scene)


def test_refusal_is_sent_once_the_application_has_ended() -> None:
    """So it has given back its connection to the database."""
    happened = list[str]()

    async def receive() -> Message:
        return WHOLE

    async def send(message: Message) -> None:
        happened.append(message["type"])

    async def refuse(scope: Message, receive: Any, send: Any) -> None:
        await receive()
        await send(REFUSED)
        await send({"type": "http.response.body", "body": b"Later."})
        happened.append("ended")

    async def scene(_: Pages) -> None:
        scope = {"type": "http", "headers": [], "client": ("198.51.100.7", 1)}
        await shared(refuse)(scope, receive, send)
        assert happened == ["ended", "http.response.start", "http.response.body"]

    in_a_loop(scene)
