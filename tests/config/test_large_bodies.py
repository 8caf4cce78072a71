"""Many bodies that nobody finishes: what they take, and whom they keep waiting."""

from __future__ import annotations

import asyncio
import resource
import selectors
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.test import Client

from config.asgi import application
from config.bodies import bounded
from config.large_bodies import _places
from config.limits import REQUESTS
from config.web_life import Receive, Send
from tests.bending import bend
from tests.live.site import until

from .serving import Server, everything

NET, OTHER, THIRD = "203.0.113.7", "10.1.1.1", "10.2.2.2"
CONNECTIONS = 150
ROOM = 65_536  # bytes that the system keeps at each end: what was sent beyond, the server has read
SENT = 2_600_000  # of each body, which is longer
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n%b\r\n" % (b"x" * 65536) * 39
DECLARED = b"Content-Length: 2621440\r\n\r\n" + b"x" * SENT


def form(address: str, more: bytes, path: str = "/battles/") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n"
    return head.encode() + b"Connection: close\r\n" + more


def whole(address: str, length: int) -> bytes:
    return form(address, b"Content-Length: %d\r\n\r\n" % length + b"x" * length)


@pytest.fixture
def site(settings: Any) -> Iterator[Server]:
    """The arena itself, behind a proxy, so that a test has several networks."""
    settings.TRUSTED_PROXIES = 1
    running = Server(application, room=ROOM)
    yield running
    running.stop()


class Flood:
    """Connections that send as much of the same as is taken from them."""

    def __init__(self, site: Server, sent: bytes, number: int) -> None:
        self.all_sent = 0
        self._sent = memoryview(sent)
        self._clients = [site.connect() for _ in range(number)]
        self._open = selectors.DefaultSelector()
        for client in self._clients:
            client.setblocking(False)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
            self._open.register(client, selectors.EVENT_WRITE, 0)

    def go_on(self) -> bool:
        """Whether anything was taken within a second."""
        ready = self._open.select(1) if self._open.get_map() else []
        for key, _ in ready:
            client, at = key.fileobj, key.data
            assert isinstance(client, socket.socket)
            at += client.send(self._sent[at : at + 500_000])
            if at < len(self._sent):
                self._open.modify(client, selectors.EVENT_WRITE, at)
            else:
                self._open.unregister(client)
                self.all_sent += 1
        return bool(ready)

    def stop(self) -> None:
        self._open.close()
        for client in self._clients:
            client.close()


def memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sent", [DECLARED, CHUNKED], ids=["declared", "chunked"])
def test_flood_of_unfinished_bodies_takes_little_memory_and_holds_up_nobody_else(
    site: Server, sent: bytes
) -> None:
    assert site.reply(whole(NET, 8)).startswith(b"HTTP/1.1 403 ")  # no token of a form
    staff = as_staff()
    before = memory()
    flood = Flood(site, form(NET, sent), CONNECTIONS)
    try:
        while flood.go_on() or flood.all_sent < REQUESTS.large_of_network:
            pass
        assert memory() - before < 100_000_000  # all of it would be 390 MB
        assert flood.all_sent == REQUESTS.large_of_network
        for address, length in ((NET, 8), (NET, 60_000), (OTHER, 8), (OTHER, 2_000_000)):
            assert site.reply(whole(address, length)).startswith(b"HTTP/1.1 403 "), address
        assert site.reply(staff).startswith(b"HTTP/1.1 403 ")
    finally:
        flood.stop()
    assert site.reply(whole(NET, 2_000_000)).startswith(b"HTTP/1.1 403 ")
    until(lambda: not _places, "the end of all requests")


def as_staff() -> bytes:
    """A file from the flood's own network."""
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    cookie = client.cookies[configured.SESSION_COOKIE_NAME].value
    file = b"Cookie: sessionid=%b\r\nContent-Length: 3000000\r\n\r\n" % cookie.encode()
    return form(NET, file + b"x" * 3_000_000, "/admin/arena/job/import/")


@pytest.fixture
def let_go() -> threading.Event:
    return threading.Event()


@pytest.fixture
def busy(
    settings: Any, monkeypatch: pytest.MonkeyPatch, let_go: threading.Event
) -> Iterator[Server]:
    """Its answer to a whole body takes as long as a test likes, at /held."""
    settings.TRUSTED_PROXIES = 1
    bend(monkeypatch, REQUESTS, small_bytes=5, large_of_network=1, large_at_once=2)

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass
        if scope["path"] == "/held":
            await asyncio.to_thread(let_go.wait)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    running = Server(bounded(answer))
    yield running
    let_go.set()
    running.stop()


def hold(busy: Server, address: str) -> socket.socket:
    """Returns once the body has a place."""
    client = busy.connect()
    client.sendall(form(address, b"Content-Length: 8\r\n\r\nabcdefgh", "/held"))
    network = f"{address.rpartition('.')[0]}.0/24"
    until(lambda: network in _places and _places[network].locked(), "a body's place")
    return client


def test_large_body_waits_until_another_of_its_network_is_answered(
    busy: Server, let_go: threading.Event
) -> None:
    with hold(busy, NET) as held, busy.connect() as waiting:
        waiting.sendall(whole(NET, 8))
        assert busy.reply(whole(OTHER, 8)).startswith(b"HTTP/1.1 200 ")
        waiting.setblocking(False)
        with pytest.raises(BlockingIOError):
            waiting.recv(1)
        waiting.settimeout(30)
        let_go.set()
        assert everything(held).startswith(b"HTTP/1.1 200 ")
        assert everything(waiting).startswith(b"HTTP/1.1 200 ")


def test_large_body_waits_as_long_as_it_may_take_to_arrive(
    busy: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, REQUESTS, body_s=0.3)
    with hold(busy, NET), hold(busy, OTHER):
        for address in (NET, THIRD):  # its network's place is taken, and all are
            assert busy.reply(whole(address, 8)).startswith(b"HTTP/1.1 408 "), address
        assert busy.reply(whole(NET, 5)).startswith(b"HTTP/1.1 200 ")
