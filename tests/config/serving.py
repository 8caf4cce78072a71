"""The real server with an application of a test, and what a client without manners sends to it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any

import uvicorn

from config.slow_clients import Protocol, Sockets


class Server:
    """uvicorn in a thread, as the supervisor starts it."""

    def __init__(self, app: Any, room: int = 0) -> None:
        """`room`: bytes that the system keeps for a client, and from it; 0 is its own choice."""
        self._socket = socket.create_server(("127.0.0.1", 0))
        if room:
            for way in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                self._socket.setsockopt(socket.SOL_SOCKET, way, room)
        config = uvicorn.Config(app, http=Protocol, ws=Sockets, lifespan="off", log_config=None)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=lambda: self._server.run([self._socket]), daemon=True
        )
        self._thread.start()
        self.address = self._socket.getsockname()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)

    def connections(self) -> int:
        return len(self._server.server_state.connections)

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=30)

    def reply(self, *parts: bytes) -> bytes:
        """All that it sends until it closes the connection."""
        with self.connect() as client:
            with suppress(ConnectionError):  # it has closed while we still send
                for part in parts:
                    client.sendall(part)
            return everything(client)


def everything(client: socket.socket) -> bytes:
    found = b""
    try:
        while block := client.recv(65536):
            found += block
    except ConnectionResetError:  # it closes while we still send
        pass
    return found


def handshake(path: str, origin: str, port: int, *headers: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1", f"Host: localhost:{port}", f"Origin: http://{origin}",
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *headers,
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
