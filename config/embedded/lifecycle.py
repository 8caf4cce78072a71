"""Starts and stops the embedded servers.

Every process that needs them holds a shared lock on `var/servers.lock`; the last one to release it
stops the servers. The kernel releases locks even on `kill -9`, so they are never stale. Servers
left running by a killed supervisor are found by their pid and adopted.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from .errors import EmbeddedError
from .places import make_var, socket_folder
from .postgres import Postgres
from .valkey import Valkey

NEEDED_BYTES = 300 * 1024**2  # for a first start
LOW_BYTES = 64 * 1024**2  # with less, a failure to start is blamed on the full disk


class Server(Protocol):
    name: str
    trouble: str  # what it was helped out of at its last start, if it did not only stop

    @property
    def url(self) -> str: ...
    @property
    def is_new(self) -> bool: ...
    def pid(self) -> int | None: ...
    def answers(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


class Servers:
    """The embedded servers of one `var` folder that the environment has not replaced."""

    def __init__(self, var: Path, environ: dict[str, str] | os._Environ[str] = os.environ) -> None:
        self.var = var
        self.members: dict[str, Server] = {}
        if not environ.get("DATABASE_URL"):
            self.members["DATABASE_URL"] = Postgres(var)
        if not environ.get("REDIS_URL"):
            self.members["REDIS_URL"] = Valkey(var)
        self._use: int | None = None

    @property
    def urls(self) -> dict[str, str]:
        """The environment variables for a process that uses these servers."""
        return {variable: server.url for variable, server in self.members.items()}

    def urls_of(self, role: str) -> dict[str, str]:
        """The same for a process with the role "inference", as a user who may do less."""
        valkey = self.members.get("REDIS_URL")
        if role != "inference" or not isinstance(valkey, Valkey):
            return self.urls
        return {**self.urls, "REDIS_URL": valkey.url_of("worker")}

    def ensure(self, started: Callable[[Server], None] = lambda server: None) -> None:
        """Start the servers that are not running; call `started` for each one started."""
        if not self.members:
            return
        make_var(self.var)
        with self._starting():
            self._hold()
            absent = [s for s in self.members.values() if s.pid() is None or not s.answers()]
            failures = [failure for server in absent if (failure := self._start(server, started))]
        if failures:
            raise failures[0]

    def _start(self, server: Server, started: Callable[[Server], None]) -> EmbeddedError | None:
        """Start one server. Returns the error instead of raising, so that the other starts too."""
        before = server.pid()
        try:
            if server.is_new:
                self._check_space(NEEDED_BYTES)
            server.start()
        except EmbeddedError as error:
            return self._no_space(server) or error
        if server.pid() != before or server.trouble:  # otherwise it was only slow to respond
            started(server)
        return None

    def release(self) -> bool:
        """Release the lock; stop the servers if no other process uses them. True if stopped."""
        if self._use is None:
            return False
        with self._starting():
            alone = _try_lock(self._use, fcntl.LOCK_EX)
            if alone:
                self._stop_all()
            os.close(self._use)
            self._use = None
        return alone

    def _stop_all(self) -> None:
        servers = self.members.values()
        for server in reversed(list(servers)):
            server.stop()
        if not any(server.pid() for server in servers):
            shutil.rmtree(socket_folder(self.var), ignore_errors=True)

    @contextmanager
    def running(self) -> Iterator[None]:
        self.ensure()
        try:
            yield
        finally:
            self.release()

    def _hold(self) -> None:
        if self._use is None:
            self._use = os.open(self.var / "servers.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._use, fcntl.LOCK_SH)

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Lock out other processes that start or stop the servers."""
        handle = os.open(self.var / "starting.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _check_space(self, needed: int) -> None:
        free = shutil.disk_usage(self.var).free
        if free < needed:
            raise EmbeddedError(
                f"The disk of {self.var} is full: {free / 1e6:.0f} MB are free, "
                f"{needed / 1e6:.0f} MB are needed. Free some space and try again; "
                "nothing has been lost."
            )

    def _no_space(self, server: Server) -> EmbeddedError | None:
        """The error to report if a server failed to start because the disk is full."""
        free = shutil.disk_usage(self.var).free
        if server.is_new or free >= LOW_BYTES:
            return None
        return EmbeddedError(
            f"{server.name} needs room: {free / 1e6:.0f} MB of the disk of {self.var} are free, "
            f"{LOW_BYTES / 1e6:.0f} MB are needed. Nothing has been lost."
        )


def _try_lock(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
