"""Errors of the network in words, as httpx raises them with and without asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, TCPServer

import httpx
import pytest

from inference.worker.network import why


class Odd(BaseRequestHandler):
    """Speaks something else than HTTP."""

    def handle(self) -> None:
        self.request.recv(1_000)
        self.request.sendall(b"SSH-2.0-server\r\n\r\n")


@contextmanager
def odd_server() -> Iterator[int]:
    with TCPServer(("127.0.0.1", 0), Odd) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def fail(url: str) -> Exception:
    with pytest.raises((httpx.HTTPError, httpx.InvalidURL)) as caught, httpx.Client() as client:
        client.get(url)
    return caught.value


def fail_later(url: str) -> Exception:
    async def ask() -> None:
        async with httpx.AsyncClient() as client:
            await client.get(url)

    with pytest.raises((httpx.HTTPError, httpx.InvalidURL)) as caught:
        asyncio.run(ask())
    return caught.value


@pytest.mark.parametrize("failing", [fail, fail_later])
def test_error_of_the_network_is_told_in_plain_words(failing: Callable[[str], Exception]) -> None:
    with odd_server() as port:
        told = {
            url: why(failing(url))
            for url in (
                "http://127.0.0.1:9/", f"http://127.0.0.1:{port}/", f"https://127.0.0.1:{port}/",
                "http://no-such-host.invalid/", "http://[::1", "ftp://127.0.0.1/",
            )
        }  # fmt: skip
    assert [*told.values()] == [
        "nothing answers at this address",
        "the server broke off, or does not speak HTTP",
        "it does not speak TLS, which https:// asks for",
        "no host of this name is known",
        "this is not an address of the web",
        "this is not an address of the web",
    ]
    assert why(RuntimeError("[Errno 7] odd")) == "the connection failed"
