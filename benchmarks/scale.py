"""`make bench-scale`: what live pages cost one web process.

    python -m benchmarks.scale [--battles 20] [--idle 2000] [--seconds 20]

1. Battles in which both sides write 20 tokens a second, prose and code, each watched by one
   browser: processor time per token, against a bare consumer of Channels under the same server,
   which is sent each frame at the same time and returns it.
2. Browsers whose battles wait in a queue: memory and processor time of each.

PostgreSQL and Valkey are real. The streams are written as model workers write them, without any.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks.figures import describe_machine, report
from benchmarks.servers import own_servers
from config import processes
from inference.contract.streams import Kind, Line, append, begin_attempt
from tests.live.site import ROOT, free_port, until

TOKENS_A_SECOND, TOKEN, EVERY_S = 20, 4, 0.1  # of each side; characters; between two entries
WARM_S, START_S, LATE_S = 4.0, 120.0, 30.0
AT_ONCE = 50  # sockets opened together
TICKS = os.sysconf("SC_CLK_TCK")
PROSE = (
    "The lighthouse keeper counted the ships that passed in the night, and wrote each one down. "
    "Some were **large**, with many lamps; others had none at all.\n\n"
)
CODE = "    for ship in passing(night):\n        seen[ship.name] = ship.lamps + 1  # each once\n"


@dataclass(frozen=True)
class Live:
    """A battle under way, with its voter's cookie."""

    public_id: str
    cookie: str
    streams: list[str]


class Ear(WSListener):
    """A browser: keeps each frame with its time."""

    def __init__(self) -> None:
        self.frames: list[tuple[float, bytes]] = []
        self.transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self.frames.append((time.monotonic(), frame.get_payload_as_bytes()))


@dataclass(frozen=True)
class Server:
    """A process under measurement."""

    pid: int
    url: str

    def cpu_s(self) -> float:
        numbers = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(numbers[11]) + int(numbers[12])) / TICKS

    def memory(self) -> int:
        """Bytes of its own: without files, which the system may drop at any time."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return 1024 * int(re.findall(r"^RssAnon:\s*(\d+) kB", status, re.MULTILINE)[0])


def echo() -> Any:
    """The peer, as an ASGI application."""
    from channels.generic.websocket import AsyncWebsocketConsumer
    from channels.routing import ProtocolTypeRouter, URLRouter
    from django.core.asgi import get_asgi_application
    from django.urls import path

    class Echo(AsyncWebsocketConsumer):
        async def receive(self, text_data: str | None = None, **_: Any) -> None:
            await self.send(text_data)

    routes = URLRouter([path("echo/", Echo.as_asgi())])
    return ProtocolTypeRouter({"http": get_asgi_application(), "websocket": routes})


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--battles", type=int, default=20)
    asked.add_argument("--idle", type=int, default=2000)
    asked.add_argument("--seconds", type=float, default=20.0)
    with own_servers():
        measure(asked.parse_args())


def measure(said: argparse.Namespace) -> None:
    os.environ["DEBUG"] = "off"
    found = []
    with serving(processes.web("127.0.0.1", port := free_port()), port) as web:
        for kind, text in (("prose", PROSE), ("code", CODE)):
            battles = begin(said.battles)
            ours, frames = asyncio.run(stream(web, battles, text, said.seconds))
            with serving(echoing(port := free_port()), port) as peer:
                echoed = asyncio.run(repeat(peer, frames, said.seconds))
            found.append((kind, ours, echoed, sum(map(len, frames))))
        idle = asyncio.run(wait(web, begin(said.idle), said.seconds))
    describe_machine()
    tokens = 2 * TOKENS_A_SECOND * said.battles * said.seconds
    for kind, ours, echoed, number in found:
        report(
            f"processor time of a streamed token over a bare echo's, {kind}", ours / echoed, 2.0,
            at_most=True, us=1e6 * ours / tokens, echo_us=1e6 * echoed / tokens, frames=number,
        )  # fmt: skip
        carried = said.battles * said.seconds / ours
        report(f"live battles on a core, {kind}, of 300", carried / 300, 1.0, at_most=False,
               battles=carried)  # fmt: skip
    memory, cpu_s = idle
    report(
        f"memory of {said.idle} waiting sockets [MB]", memory / 1e6, 200.0, at_most=True,
        cores=cpu_s / said.seconds,
    )  # fmt: skip


def echoing(port: int) -> list[str]:
    command = processes.web("127.0.0.1", port)
    command[command.index("config.asgi:application")] = "benchmarks.scale:echo"
    command[command.index("config.slow_clients:Sockets")] = "websockets-sansio"  # ours hear nothing
    return [*command, "--factory"]


@contextmanager
def serving(command: list[str], port: int) -> Iterator[Server]:
    url = f"http://127.0.0.1:{port}"
    child = subprocess.Popen(command, cwd=ROOT, stdout=sys.stderr)
    try:
        until(lambda: _answers(url), "the server", START_S)
        yield Server(child.pid, url)
    finally:
        child.terminate()
        child.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=30).status_code in (200, 503)
    except httpx.HTTPError:
        return False


def begin(number: int) -> list[Live]:
    """Battles of new voters, whose answers are under way, with nothing written."""
    from django.conf import settings
    from django.db import connection
    from django.http import HttpResponse

    from arena import broker
    from arena.models import Answer, Battle, Campaign, Contestant, Side, Turn, Voter
    from arena.votes.voters import remember
    from tests import factories

    campaign = Campaign.live()
    names = [f"Scale {Contestant.objects.count() + n}" for n in range(2)]
    both = [factories.revision(factories.contestant(name)) for name in names]
    voters = Voter.objects.bulk_create(Voter() for _ in range(number))
    a, b = (revision.contestant for revision in both)
    battles = Battle.objects.bulk_create(
        Battle(
            campaign=campaign, voter=voter, contestant_a=a, contestant_b=b, policy="bench",
            selection_probability=1.0,
        )
        for voter in voters
    )  # fmt: skip
    turns = Turn.objects.bulk_create(Turn(battle=each, number=1, prompt="Hi") for each in battles)
    rows = Answer.objects.bulk_create(
        Answer(turn=turn, side=side, revision=revision, state="QUEUED", attempt=1)
        for turn in turns
        for side, revision in zip(Side, both, strict=True)
    )
    streams = [str(row.stream) for row in rows]
    for stream in streams:
        begin_attempt(broker.connection(), stream, 1)
    found = []
    for place, (voter, battle) in enumerate(zip(voters, battles, strict=True)):
        remember(response := HttpResponse(), voter)
        signed = response.cookies[settings.VOTER_COOKIE_NAME]
        own = streams[2 * place : 2 * place + 2]
        cookie = f"{settings.VOTER_COOKIE_NAME}={signed.coded_value}"
        found.append(Live(str(battle.public_id), cookie, own))
    connection.close()
    return found


async def opened(server: Server, battles: list[Live]) -> list[Ear]:
    """A browser for each."""

    async def one(battle: Live) -> Ear:
        url = f"{server.url.replace('http', 'ws', 1)}/ws/battles/{battle.public_id}/"
        headers = {"Cookie": battle.cookie, "Origin": server.url}
        _, ear = await ws_connect(Ear, url, extra_headers=headers)
        return cast(Ear, ear)

    ears: list[Ear] = []
    for start in range(0, len(battles), AT_ONCE):
        ears += await asyncio.gather(*map(one, battles[start : start + AT_ONCE]))
    return ears


async def left(ears: list[Ear]) -> None:
    for ear in ears:
        assert ear.transport is not None
        ear.transport.disconnect()
    await asyncio.sleep(1.0)


async def stream(
    web: Server, battles: list[Live], text: str, seconds: float
) -> tuple[float, list[list[tuple[float, bytes]]]]:
    """The processor time of `seconds` while all of them write, and each browser's frames in it,
    with their times since its beginning."""
    ears = await opened(web, battles)
    writing = asyncio.create_task(asyncio.to_thread(write, battles, text, WARM_S + seconds))
    await asyncio.sleep(WARM_S)
    began, used = time.monotonic(), web.cpu_s()
    await asyncio.sleep(seconds)
    used = web.cpu_s() - used
    await writing
    await left(ears)
    frames = [[(at - began, f) for at, f in ear.frames if 0 < at - began < seconds] for ear in ears]
    if not all(frames):
        raise AssertionError("a browser was sent nothing")
    return used, frames


def write(battles: list[Live], text: str, seconds: float) -> None:
    """As workers do: the new tokens of every answer, some times a second."""
    from arena import broker

    size, began = round(TOKENS_A_SECOND * EVERY_S) * TOKEN, time.monotonic()
    places = {stream: random.randrange(len(text)) for each in battles for stream in each.streams}
    fence = dict.fromkeys(places, "```python\n" if text is CODE else "")
    for number in range(1, round(seconds / EVERY_S) + 1):
        lines = [
            Line(stream, 1, Kind.TEXT, fence[stream] + (2 * text)[at : at + size], number)
            for stream, at in places.items()
        ]
        append(broker.connection(), lines)
        fence = dict.fromkeys(places, "")
        places = {stream: (at + size) % len(text) for stream, at in places.items()}
        time.sleep(max(0.0, began + number * EVERY_S - time.monotonic()))


async def repeat(peer: Server, frames: list[list[tuple[float, bytes]]], seconds: float) -> float:
    """The peer's processor time for the same frames."""
    url = f"{peer.url.replace('http', 'ws', 1)}/echo/"

    async def one(own: list[tuple[float, bytes]]) -> Ear:
        transport, ear = await ws_connect(Ear, url)
        for at, frame in own:
            await asyncio.sleep(max(0.0, began + at - time.monotonic()))
            transport.send(WSMsgType.TEXT, frame)
        return cast(Ear, ear)

    began, used = time.monotonic() + 1.0, peer.cpu_s()
    ears = await asyncio.gather(*map(one, frames))
    sent, given_up = sum(map(len, frames)), time.monotonic() + LATE_S
    while (came_back := sum(len(ear.frames) for ear in ears)) < sent:
        if time.monotonic() > given_up:
            raise AssertionError(f"{came_back} of {sent} frames came back")
        await asyncio.sleep(0.1)
    return peer.cpu_s() - used


async def wait(web: Server, battles: list[Live], seconds: float) -> tuple[int, float]:
    """Memory that the sockets of these battles take, and processor time in so many seconds."""
    few = await opened(web, battles[: len(battles) // 20])
    before = web.memory()
    ears = [*few, *await opened(web, battles[len(few) :])]
    await asyncio.sleep(WARM_S)
    used = web.cpu_s()
    await asyncio.sleep(seconds)
    used, taken = web.cpu_s() - used, web.memory() - before
    await left(ears)
    return round(taken * len(ears) / (len(ears) - len(few))), used


if __name__ == "__main__":
    main()
