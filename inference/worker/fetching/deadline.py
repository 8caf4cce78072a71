"""Bounds whole exchanges with a server, which limits of its silence do not: a byte now and then, of
its headers too, is no silence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from inference.contract.errors import EngineError

from ..addresses import Trace

# As httpcore traces them; after the second, the first's socket is no more.
_CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class Connections:
    """The open connections of a client that one thread uses. `heard` is told of new ones, as the
    client's trace."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._late = 0  # deadlines that have passed

    def heard(self, event: str, what: dict[str, Any]) -> None:
        if event not in _CONNECTED:
            return
        opened = what["return_value"].get_extra_info("socket")
        with self._lock:
            self._sockets = [each for each in (*self._sockets, opened) if each.fileno() >= 0]
            if self._late:
                _shut(opened)

    def and_(self, checks: Trace) -> Trace:
        """Both: `checks` may raise EngineError before anything is sent through a connection."""

        def trace(event: str, what: dict[str, Any]) -> None:
            self.heard(event, what)
            checks(event, what)

        return trace

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Raises EngineError if the block talks to a server for longer: its connections are closed
        then."""
        passed = threading.Event()
        timer = threading.Timer(seconds, self._close_all, [passed])
        timer.daemon = True
        timer.start()
        try:
            yield
        except (httpx.HTTPError, EngineError) as error:
            if passed.is_set():
                raise _too_long(seconds) from error
            raise
        finally:
            timer.cancel()
            with self._lock:
                self._late -= passed.is_set()
        if passed.is_set():  # what has no length only seems to be whole
            raise _too_long(seconds)

    def _close_all(self, passed: threading.Event) -> None:
        with self._lock:
            passed.set()
            self._late += 1
            for each in self._sockets:
                _shut(each)


def _shut(each: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        # Of the base class: TLS would have its say first.
        socket.socket.shutdown(each, socket.SHUT_RDWR)


def _too_long(seconds: float) -> EngineError:
    sentence = f"The server took longer than {seconds:g} seconds to answer."
    return EngineError(sentence, permanent=False)
