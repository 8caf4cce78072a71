"""The server's protocols, which give up on clients that do not finish a request's head, send one of
a websocket that cannot be read, or do not read what they asked for.

uvicorn waits for ever for a first line and for headers, however long they are, and for whoever
takes no answer, so that some hundred idle connections could use up all of a host's.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from .limits import REQUESTS


class Unread(asyncio.Protocol):
    """Closes a connection whose client takes nothing for a while, or too little at a time."""

    _full: asyncio.TimerHandle | None = None  # while 64 kB wait for the client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._taken = cast(asyncio.Transport, transport)
        client = transport.get_extra_info("socket")
        if client.family in (socket.AF_INET, socket.AF_INET6) and hasattr(
            socket, "TCP_USER_TIMEOUT"
        ):
            wait_ms = round(1000 * REQUESTS.unread_s)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, wait_ms)

    def pause_writing(self) -> None:
        super().pause_writing()
        loop = asyncio.get_running_loop()
        self._full = loop.call_later(REQUESTS.unread_s, self._taken.abort)

    def resume_writing(self) -> None:
        self._emptied()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._emptied()
        super().connection_lost(exc)

    def _emptied(self) -> None:
        if self._full is not None:
            self._full.cancel()
            self._full = None


class Protocol(Unread, HttpToolsProtocol):
    _limit: asyncio.TimerHandle | None = None  # while a head is expected
    _head = 0  # bytes of it so far
    _answered: RequestResponseCycle | None = None  # of those that have arrived, the one under way

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        if (last := self._answered) is not None and not last.response_complete:
            last.disconnected = True  # uvicorn says so to the last one that has arrived alone
            last.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect()

    def on_headers_complete(self) -> None:
        self._arrived()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Read no more until the application asks for it, which it may do late
        (`config.large_bodies`); uvicorn would go on for some 300 kB."""
        super().on_body(body)
        if self.cycle is not None and not self.cycle.response_complete:
            self.flow.pause_reading()

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._limit is not None and self._head > REQUESTS.head_bytes:
            self._close()

    def _expect(self) -> None:
        self._arrived()
        self._limit = self.loop.call_later(REQUESTS.head_s, self._close)

    def _arrived(self) -> None:
        self._head = 0
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _close(self) -> None:
        self._arrived()
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()


class Sockets(Unread, WebSocketsSansIOProtocol):
    """uvicorn forgets to answer a head that its parser refuses (a line of 8 kB, 128 headers), and
    leaves the connection open; and it fails over frames that came with the head."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.handshake_initiated:  # the whole head has been received
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_parser_exception(self) -> None:
        if self.conn.close_sent is None:  # nothing was agreed on that could be closed
            self.transport.close()
        else:
            super().handle_parser_exception()

    def send_receive_event_to_app(self) -> None:
        """What browsers say is not read (`arena.streaming.live`), not even to see whether it is
        text, as uvicorn logs what is none."""
        self.frames = []
