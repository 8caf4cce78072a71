"""A whole arena as `make up` starts it, with servers and state of its own, to run tests against."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import redis

from config.embedded import Servers
from config.embedded.valkey import Valkey
from tests.unlimited import UNLIMITED

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_S = 180.0  # for a busy machine; usually it takes seconds
USUAL_TOKENS = 120  # for a story, which then streams for some seconds
ENDED = (FileNotFoundError, ProcessLookupError)  # what reading of a process's files then raises
T = TypeVar("T")


class Site:
    """`manage.py up` in a folder of its own. `lines` holds its output."""

    def __init__(self, var: Path, weights: Path, **environment: str) -> None:
        self.var = var
        self.lines: list[str] = []
        # The test run's environment, without the variables that name its servers.
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        self.environment = {
            **UNLIMITED, **kept, "ARENA_VAR": str(var), "WEIGHTS_DIR": str(weights),
            "PYTHONDONTWRITEBYTECODE": "",  # as usual: each start would compile 500 modules
            **environment,
        }  # fmt: skip
        self.servers = {**Servers(var, environ=environment).urls, **environment}
        self.start()

    def start(self) -> None:
        """Start it, or restart it at another address after its supervisor has ended."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.terminal = True  # False: it closes at the next line
        self.process = self._up()

    def start_again(self) -> None:
        said = len(self.lines)
        self.start()
        self.wait_ready(said)

    def _up(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up", "--port", str(self.port)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=[process], daemon=True).start()
        return process

    def _read(self, process: subprocess.Popen[str]) -> None:
        with process:  # closes the pipe and waits for the process
            for line in process.stdout or ():
                self.lines.append(line.rstrip())
                if not self.terminal:
                    return

    def wait_ready(self, since: int = 0, patience: float = PATIENCE_S) -> None:
        self.wait_for_line("→ Open", since, patience)

    def wait_for_line(self, part: str, since: int = 0, patience: float = PATIENCE_S) -> None:
        try:
            until(
                lambda: any(part in line for line in self.lines[since:]) or self._ended(),
                what=repr(part),
                patience=patience,
            )
        except AssertionError as error:
            error.add_note("\n".join(self.lines))
            raise

    def _ended(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError("'make up' ended:\n" + "\n".join(self.lines))
        return False

    def stop(self, how: signal.Signals = signal.SIGTERM, patience: float = 60) -> int:
        self.process.send_signal(how)
        return self.process.wait(patience)

    def stop_when_ready(self) -> None:
        self.wait_ready()
        self.stop()

    def child(self, word: str) -> int:
        """Process id of the child with `word` in its command line."""
        for folder in Path("/proc").iterdir():
            ours = folder.name.isdigit() and _parent(folder) == self.process.pid
            with suppress(*ENDED):
                if ours and word in (folder / "cmdline").read_text():
                    return int(folder.name)
        raise AssertionError(f"no child {word!r}")

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Query the site's database directly, bypassing the site's code."""
        with psycopg.connect(self.servers["DATABASE_URL"]) as connection:
            cursor = connection.execute(query.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def answer_briefly(self, tokens: int) -> None:
        """Limit the length of answers, to save time."""
        self.rows("UPDATE arena_revision SET max_tokens = %s", tokens)

    def forget_streams(self) -> None:
        """As if an hour had passed: answers come from the database, shown at once."""
        with self.broker() as broker:
            if keys := list(broker.scan_iter("answer:*")):
                broker.delete(*keys)

    def broker(self) -> redis.Redis:
        """As the owner of the embedded one, who may do what no process of the site may."""
        url = self.servers["REDIS_URL"]
        own = Valkey(self.var)
        return redis.Redis.from_url(own.url_of("owner") if url == own.url else url)


def until(check: Callable[[], T], what: str, patience: float = PATIENCE_S) -> T:
    """What `check` returns as soon as it is true."""
    begin = time.monotonic()
    while not (found := check()):
        assert time.monotonic() - begin < patience, f"waited {patience:.0f} s for {what}"
        time.sleep(0.05)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _parent(process: Path) -> int:
    with suppress(*ENDED):
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    return 0
