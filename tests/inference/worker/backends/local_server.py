"""A local HTTP server in place of an API: tests cannot use the vendors' clouds."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any, TypeVar

Body = dict[str, Any]
AnyServer = TypeVar("AnyServer", bound="LocalServer")


class LocalServer(ThreadingHTTPServer):
    """`asked` holds the bodies of all requests."""

    daemon_threads = True

    def __init__(self, handler: type[LocalHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.asked: list[Body] = []

    def handle_error(self, *whose: Any) -> None:
        """Say nothing of clients that have gone, as some tests make them do."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*whose)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class LocalHandler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        assert isinstance(self.server, LocalServer)
        self.server.asked.append(body)
        self.answer(body)

    def answer(self, body: Body) -> None:
        raise NotImplementedError

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def serving(server: AnyServer) -> Iterator[AnyServer]:
    with server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def dripping(begun: bytes) -> Iterator[str]:
    """The address of a server that begins to answer, and then sends a byte now and then."""

    class Drip(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # until the caller has had enough
                self.request.sendall(begun)
                while not is_over.wait(0.02):
                    self.request.sendall(b"x")

    is_over = threading.Event()
    with ThreadingTCPServer(("127.0.0.1", 0), Drip) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            is_over.set()
            server.shutdown()
            thread.join()
