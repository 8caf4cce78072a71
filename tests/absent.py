"""A Valkey for one test, which it may kill, freeze, empty or fill."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from arena import broker
from config.embedded.valkey import Valkey


class OwnValkey:
    def __init__(self, var: Path) -> None:
        self._server = Valkey(var)
        self._server.start()
        self.url = self._server.url

    def admin(self) -> redis.Redis:
        return redis.Redis.from_url(self._server.url_of("owner"))

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        self._server.stop()

    def start(self) -> None:
        self._server.start()

    def freeze(self) -> None:
        os.kill(self._pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._pid, signal.SIGCONT)

    def come_back(self) -> None:
        """Whichever way it is away."""
        if self._server.pid() is not None:
            self.thaw()
        self._server.start()
        self.configure(maxmemory="0", min_replicas_to_write="0")

    def configure(self, **options: str) -> None:
        with self.admin() as admin:
            for name, value in options.items():
                admin.config_set(name.replace("_", "-"), value)

    def empty(self) -> None:
        with self.admin() as admin:
            admin.flushall()

    def stop(self) -> None:
        if self._server.pid() is not None:
            self.thaw()
            self._server.stop()

    @property
    def _pid(self) -> int:
        pid = self._server.pid()
        assert pid is not None
        return pid

    def absences(self) -> dict[str, tuple[Callable[[], None], Callable[[], None]]]:
        """Ways to take it away, and to bring it back."""
        return {
            "killed": (self.kill, self.start),
            "frozen": (self.freeze, self.thaw),
            "full": (
                lambda: self.configure(maxmemory="1"),
                lambda: self.configure(maxmemory="0"),
            ),
            "without replicas": (
                lambda: self.configure(min_replicas_to_write="1"),
                lambda: self.configure(min_replicas_to_write="0"),
            ),
        }


WAYS = ("killed", "frozen", "full", "without replicas")


@contextmanager
def own_valkey(folder: Path) -> Iterator[OwnValkey]:
    folder.chmod(0o755)
    server = OwnValkey(folder)
    try:
        yield server
    finally:
        server.stop()


def forget_all() -> None:
    """As if the site's broker had lost everything."""
    connection = broker.connection()
    connection.delete(*connection.scan_iter(count=1000))
