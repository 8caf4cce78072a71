"""Answers that a client does not read, from the real server."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from config.limits import REQUESTS
from config.web_life import Receive, Send
from tests.bending import bend
from tests.live.site import until

from .serving import Server, handshake

ASKED = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
BLOCK = 400_000  # bytes
LARGE = 25 * BLOCK


async def large(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """In parts, or in messages of a websocket."""
    if scope["type"] == "websocket":
        begin: dict[str, Any] = {"type": "websocket.accept"}
        part: dict[str, Any] = {"type": "websocket.send", "bytes": b"x" * BLOCK}
    else:
        headers = [(b"content-length", b"%d" % LARGE), (b"connection", b"close")]
        begin = {"type": "http.response.start", "status": 200, "headers": headers}
        part = {"type": "http.response.body", "body": b"x" * BLOCK, "more_body": True}
    await send(begin)
    for _ in range(LARGE // BLOCK):
        await send(part)
    if scope["type"] == "http":
        await send({"type": "http.response.body"})


async def small(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Too little for uvicorn to wait for the client before it closes the connection."""
    headers = [(b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * 40_000})


Asking = Callable[..., tuple[Server, socket.socket]]


@pytest.fixture
def asking() -> Iterator[Asking]:
    """A server and a client that has asked; their systems have room for a few kB only."""
    opened: list[tuple[Server, socket.socket]] = []

    def ask(app: Any, asked: bytes, room: int = 4096) -> tuple[Server, socket.socket]:
        server, client = Server(app, room=4096), socket.socket()
        opened.append((server, client))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        client.settimeout(0.05)
        client.connect(server.address)
        client.sendall(asked)
        until(server.connections, "the connection")
        return server, client

    yield ask
    for server, client in opened:
        client.close()
        server.stop()


@pytest.mark.parametrize(
    ("app", "asked"),
    [(large, ASKED), (small, ASKED), (large, handshake("/", "localhost", 80))],
    ids=["large", "small", "websocket"],
)
def test_answer_that_nobody_reads_is_given_up(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, app: Any, asked: bytes
) -> None:
    bend(monkeypatch, REQUESTS, unread_s=0.5)
    server, _ = asking(app, asked)
    until(lambda: not server.connections(), "the server to give up")


def test_answer_that_is_read_in_drops_is_given_up(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each drop in time, but all of them too slowly."""
    bend(monkeypatch, REQUESTS, unread_s=2.0)
    server, client = asking(large, ASKED, room=16_384)

    def sip() -> bool:
        with suppress(TimeoutError, ConnectionResetError):
            client.recv(1000)
        return not server.connections()

    until(sip, "the server to give up")


def test_answer_that_is_read_slowly_comes_whole(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With pauses that are together longer than a client may take nothing."""
    bend(monkeypatch, REQUESTS, unread_s=2.0)
    _, client = asking(large, ASKED)
    client.settimeout(30)
    found = 0
    while block := client.recv(BLOCK):
        found += len(block)
        if found // BLOCK != (found - len(block)) // BLOCK:
            time.sleep(0.15)
    assert found > LARGE
