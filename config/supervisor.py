"""Keeps the processes of `make up` running and stops them in order.

Prints one status line per event, and the output of the processes with their name in front.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path

from arena.limits import PROCESSES
from inference.contract import private_hosts

from . import heart, processes
from .children import ROOT, Child, end_with_us, how_it_ended, start
from .embedded import EmbeddedError, Servers
from .embedded.lifecycle import Server
from .life import end_with_last_words, send
from .limits import STOPPING, Patience
from .numbers import switch
from .telling import Narrator

MAX_QUICK_DEATHS = 5  # in a row, each within QUICK_S, and never ready: give up
QUICK_S = 10.0
LONGEST_PAUSE_S = 10.0  # between restarts
PAGE_FIRST_S = 5.0


class SupervisorError(Exception):
    """The arena can't be started; the message says what to do."""


OF_THE_SITE = {"DATABASE_URL", "SECRET_KEY", "SECRETS_KEY", "OIDC_CLIENT_SECRET"}


@dataclass(frozen=True)
class Process:
    """One process type."""

    name: str
    command: list[str]
    reports: bool = True  # whether it prints "ready" when it is
    patience: Patience = field(default_factory=Patience)


class Supervisor:
    """Servers, preparation, web, model worker, core and background workers; down in reverse."""

    def __init__(self, var: Path, host: str, port: int) -> None:
        self.var = var
        self.host = host
        self.port = port
        self.servers = Servers(var)
        self.narrator = Narrator()
        self.environment = {
            **_trusted(host), **os.environ, **self.servers.urls, "PYTHONUNBUFFERED": "1",
            "PYTHONFAULTHANDLER": "1",  # so that a hung process can dump its tracebacks
        }  # fmt: skip
        for own in (heart.SYSTEMD, heart.FILE):  # of whoever watches over this process
            self.environment.pop(own, None)
        self.stopping = asyncio.Event()
        self.running: dict[str, Child] = {}
        self.begin = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()  # asyncio itself keeps only weak references
        self._ready: set[str] = set()
        self._expected: set[str] = set()
        self._page = asyncio.Event()

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host  # IPv6
        return f"http://{host}:{self.port}/"

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for how in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(how, self.stopping.set)
        lock = self._own_folder()
        self._check_port()
        self._begin(self._beat())
        try:
            self.servers.ensure(self._server_started)
            await self._prepare()
            await self._supervise()
        finally:
            await self._stop_processes()
            if self.servers.release():
                self.narrator.say(
                    "·", f"Stopped. All is kept in {self.var}; 'make up' continues from here."
                )
            self.narrator.rest()
            os.close(lock)

    async def _beat(self) -> None:
        while True:
            heart.beat()
            await asyncio.sleep(PROCESSES.beat_s)

    def _own_folder(self) -> int:
        """Lock the folder. A lock is safer than a pid file: the kernel releases it however we end,
        so it is never stale."""
        self.var.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.var / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(handle, 200).decode().strip() or "another process"
            raise SupervisorError(f"'make up' is already running here ({owner}).") from None
        os.truncate(handle, 0)
        os.write(handle, f"process {os.getpid()}, {self.url}".encode())
        return handle

    def _check_port(self) -> None:
        try:
            family = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0][0]
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((self.host, self.port))
        except OSError as error:
            raise SupervisorError(
                f"Port {self.port} on {self.host} is not available ({error.strerror}). Choose "
                f"another: make up PORT={self.port + 1}"
            ) from None

    def _server_started(self, server: Server) -> None:
        self.narrator.say("✓", f"{server.name} ({time.monotonic() - self.begin:.1f} s)")

    async def _prepare(self) -> None:
        """Create tables, static files, starter weights and contestants. Quick if all exist."""
        prepare = [sys.executable, str(ROOT / "manage.py"), "prepare"]
        process = await asyncio.create_subprocess_exec(
            *prepare, env=self.environment, start_new_session=True, preexec_fn=end_with_us
        )
        stop = asyncio.create_task(self.stopping.wait())
        done = asyncio.create_task(process.wait())
        await asyncio.wait({stop, done}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not done.done():
            send(process, signal.SIGTERM)
            await done
        elif process.returncode:
            raise SupervisorError("The preparation failed; the line above says why.")

    async def _supervise(self) -> None:
        wanted = self._processes()
        self._expected = {process.name for process in wanted}
        watchers = [asyncio.create_task(self._keep(process)) for process in wanted]
        watchers.append(asyncio.create_task(self._keep_servers()))
        stop = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({stop, *watchers}, return_when=asyncio.FIRST_COMPLETED)
        self.stopping.set()
        if watchers_failed := [w for w in watchers if w.done() and w.exception()]:
            error = watchers_failed[0].exception()
            raise error if error is not None else SupervisorError("A process has died.")
        self.narrator.say("·", "Stopping …")

    def _processes(self) -> list[Process]:
        manage = [sys.executable, str(ROOT / "manage.py")]
        web = processes.web(self.host, self.port)
        return [
            Process("web", web, reports=False),
            # It first tries out all new weights, which may be dozens of gigabytes each.
            Process(
                "inference",
                [*manage, "inference_worker", "--remote"],
                patience=Patience(starting=3600.0),
            ),
            Process("core", processes.worker("core")),
            # To parse the largest file of tallies is one call in C of five seconds.
            Process("background", processes.worker("background"), patience=Patience(25.0)),
        ]

    async def _keep(self, process: Process) -> None:
        """Run a process and restart it when it dies; give up if it keeps dying at startup."""
        if process.reports:  # start the workers after the page: they would delay it
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._page.wait(), PAGE_FIRST_S)
        quick_deaths = 0
        while not self.stopping.is_set():
            began = time.monotonic()
            child = await self._start(process)
            watching = asyncio.create_task(self._end_when_it_hangs(process, child))
            code = await child.process.wait()
            watching.cancel()
            child.kill_group()
            if self.stopping.is_set():
                return
            quick_deaths = quick_deaths + 1 if time.monotonic() - began < QUICK_S else 0
            if quick_deaths >= MAX_QUICK_DEATHS and process.name not in self._ready:
                raise SupervisorError(
                    f"{process.name} exits as soon as it starts; its last lines are above."
                )
            self.narrator.say("!", f"{process.name} ended ({how_it_ended(code)}); restarting it")
            await self._pause(0.2 * quick_deaths**2)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), min(seconds, LONGEST_PAUSE_S))

    async def _end_when_it_hangs(self, process: Process, child: Child) -> None:
        silence_s = await child.life.ends(process.patience)
        self.narrator.say(
            "!",
            f"{process.name} hangs: no sign of life for {silence_s:.0f} s. What it was doing "
            "follows, if it can still report it",
        )
        await end_with_last_words(child.process)

    async def _start(self, process: Process) -> Child:
        is_worker = process.name == "inference"
        environment = self._of_workers() if is_worker else self.environment
        child = await start(process.command, {**environment, processes.NAME: process.name})
        self.running[process.name] = child
        self._begin(self._relay(process.name, child))
        if not process.reports:
            self._begin(self._wait_for_page(process.name))
        return child

    def _of_workers(self) -> dict[str, str]:
        """The environment of a model worker, which has to know no secret of the site's."""
        kept = {name: value for name, value in self.environment.items() if name not in OF_THE_SITE}
        mine = self.servers.urls_of("inference")
        return {**kept, "REDIS_URL": mine.get("REDIS_URL") or kept["REDIS_URL"]}

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _relay(self, name: str, child: Child) -> None:
        async for line in child.lines():
            if line == "ready":
                self._is_ready(name)
            elif line:
                self.narrator.say(" ", f"{name} │ {line}")

    async def _wait_for_page(self, name: str) -> None:
        while not self.stopping.is_set():
            try:
                _, writer = await asyncio.open_connection(self.host, self.port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                self._page.set()
                return self._is_ready(name)

    def _is_ready(self, name: str) -> None:
        self.narrator.say("✓", f"{name} ({time.monotonic() - self.begin:.1f} s)")
        self._ready.add(name)
        if self._ready == self._expected:
            self.narrator.say("→", f"Open {self.url}   (Ctrl-C stops everything)")
            heart.tell_systemd("READY=1")
            self._ready.add("")  # so that this is printed once

    async def _keep_servers(self) -> None:
        """Restart servers that stop, and never give up: even a full disk may get room again."""
        failures, said = 0, ""
        while not self.stopping.is_set():
            try:
                await asyncio.to_thread(self.servers.ensure, self._server_is_back)
                failures, said = 0, ""
            except (EmbeddedError, OSError) as error:
                failures += 1
                if str(error) != said:
                    self.narrator.say("!", f"{error} Trying again until it works")
                said = str(error)
            await self._pause(2.0**failures)

    def _server_is_back(self, server: Server) -> None:
        trouble = server.trouble or "had stopped"
        self.narrator.say("!", f"{server.name} {trouble}; it is running again")

    async def _stop_processes(self) -> None:
        for child in reversed(self.running.values()):
            if child.process.returncode is None:
                send(child.process, signal.SIGTERM)
        for name, child in reversed(self.running.items()):
            try:
                await asyncio.wait_for(child.process.wait(), STOPPING.stop_s)
            except TimeoutError:
                self.narrator.say("!", f"{name} did not stop in {STOPPING.stop_s:.0f} s; killed")
                send(child.process, signal.SIGKILL)
                await child.process.wait()
            child.kill_group()


def _trusted(host: str) -> dict[str, str]:
    """While only this machine can open the page, contestants may be behind its own servers."""
    is_alone = host in ("localhost", "127.0.0.1", "::1") and not switch("HTTPS")
    return {private_hosts.VARIABLE: private_hosts.THIS_MACHINE} if is_alone else {}
