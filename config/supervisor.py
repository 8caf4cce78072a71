"""Keeps the processes of `make up` running and stops them in order.

One status line per event on standard output; what the processes say is behind their name.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path

from .embedded import Servers
from .embedded.lifecycle import Server
from .telling import Narrator

ROOT = Path(__file__).resolve().parent.parent
MAX_QUICK_DEATHS = 5  # in a row, each within QUICK_S: then it is no accident
QUICK_S = 10.0
STOP_S = 10.0
PAGE_FIRST_S = 5.0
LONGEST_LINE = 1 << 20


class SupervisorError(Exception):
    """The place can't be started; the message says what to do."""


@dataclass(frozen=True)
class Process:
    """One process type."""

    name: str
    command: list[str]
    reports: bool = True  # prints "ready" when it is


class Supervisor:
    """Servers, preparation, web, inference worker, core worker; down in reverse."""

    def __init__(self, var: Path, host: str, port: int) -> None:
        self.var = var
        self.host = host
        self.port = port
        self.servers = Servers(var)
        self.narrator = Narrator()
        self.environment = {**os.environ, **self.servers.urls, "PYTHONUNBUFFERED": "1"}
        self.stopping = asyncio.Event()
        self.running: dict[str, asyncio.subprocess.Process] = {}
        self.begin = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()  # asyncio itself keeps no reference
        self._ready: set[str] = set()
        self._expected: set[str] = set()
        self._page = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for how in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(how, self.stopping.set)
        lock = self._own_folder()
        self._check_port()
        try:
            self.servers.ensure(self._server_started)
            await self._prepare()
            await self._supervise()
        finally:
            await self._stop_processes()
            if self.servers.release():
                self.narrator.say(
                    "·", "Stopped. Everything is kept in var/; 'make up' goes on from here."
                )
            self.narrator.rest()
            os.close(lock)

    def _own_folder(self) -> int:
        """A lock, not a pid file: the kernel gives it up whatever way we end."""
        self.var.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.var / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(handle, 200).decode().strip() or "another process"
            raise SupervisorError(f"'make up' runs here already ({owner}).") from None
        os.truncate(handle, 0)
        os.write(handle, f"process {os.getpid()}, http://{self.host}:{self.port}/".encode())
        return handle

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise SupervisorError(
                    f"Port {self.port} on {self.host} can't be had ({error.strerror}). "
                    f"Choose another: make up PORT={self.port + 1}"
                ) from None

    def _server_started(self, server: Server) -> None:
        self.narrator.say("✓", f"{server.name} ({time.monotonic() - self.begin:.1f} s)")

    async def _prepare(self) -> None:
        """Tables, static files, starter weights and contestants: quick when all is there."""
        prepare = [sys.executable, str(ROOT / "manage.py"), "prepare"]
        process = await asyncio.create_subprocess_exec(
            *prepare, env=self.environment, start_new_session=True, preexec_fn=_die_with_parent
        )
        stop = asyncio.create_task(self.stopping.wait())
        done = asyncio.create_task(process.wait())
        await asyncio.wait({stop, done}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not done.done():
            process.terminate()
            await done
        elif process.returncode:
            raise SupervisorError("The preparation failed; the line above says why.")

    async def _supervise(self) -> None:
        processes = self._processes()
        self._expected = {process.name for process in processes}
        watchers = [asyncio.create_task(self._keep(process)) for process in processes]
        watchers.append(asyncio.create_task(self._keep_servers()))
        stop = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({stop, *watchers}, return_when=asyncio.FIRST_COMPLETED)
        self.stopping.set()
        if watchers_failed := [w for w in watchers if w.done() and w.exception()]:
            error = watchers_failed[0].exception()
            raise error if error is not None else SupervisorError("A process is gone.")
        self.narrator.say("·", "Stopping …")

    def _processes(self) -> list[Process]:
        python = sys.executable
        manage = [python, str(ROOT / "manage.py")]
        web = [
            python, "-m", "uvicorn", "config.asgi:application", "--host", self.host,
            "--port", str(self.port), "--log-level", "warning", "--no-server-header",
            "--ws-per-message-deflate", "false",  # frames say only what is new: nothing to squeeze
        ]  # fmt: skip
        # An export, a publication and replays may each hold a thread for minutes.
        core = [
            python, "-m", "celery", "-q", "-A", "config", "worker", "-Q", "core", "-B", "--pool",
            "threads", "--concurrency", "8", "--loglevel", "WARNING", "--hostname", "core@%h",
            "--without-gossip", "--without-mingle", "--without-heartbeat",
        ]  # fmt: skip
        return [
            Process("web", web, reports=False),
            Process("inference", [*manage, "inference_worker", "--remote"]),
            Process("core", core),
        ]

    async def _keep(self, process: Process) -> None:
        """Run it, and run it again when it dies; give up when it does nothing but die."""
        if process.reports:  # the others begin when the page is there, or they would hold it up
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._page.wait(), PAGE_FIRST_S)
        quick_deaths = 0
        while not self.stopping.is_set():
            began = time.monotonic()
            child = await self._start(process)
            code = await child.wait()
            _kill_group(child.pid)
            if self.stopping.is_set():
                return
            quick_deaths = quick_deaths + 1 if time.monotonic() - began < QUICK_S else 0
            if quick_deaths >= MAX_QUICK_DEATHS:
                raise SupervisorError(
                    f"{process.name} ends as soon as it starts; its last words are above."
                )
            self.narrator.say("!", f"{process.name} ended ({_how(code)}); starting it again")
            await asyncio.sleep(0.2 * quick_deaths)

    async def _start(self, process: Process) -> asyncio.subprocess.Process:
        # Not asyncio's own pipe: with that, wait() waits for everybody who holds its other end.
        output, its_end = os.pipe()
        child = await asyncio.create_subprocess_exec(
            *process.command,
            env=self.environment,
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=its_end,
            stderr=its_end,
            start_new_session=True,  # Ctrl-C reaches us alone: we stop them in order
            preexec_fn=_die_with_parent,
        )
        os.close(its_end)
        self.running[process.name] = child
        self._begin(self._relay(process.name, output))
        if not process.reports:
            self._begin(self._wait_for_page(process.name))
        return child

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _relay(self, name: str, output: int) -> None:
        lines = asyncio.StreamReader(limit=LONGEST_LINE)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(output, "rb")
        )
        while line := await _next_line(lines):
            text = line.decode(errors="replace").rstrip()
            if text == "ready":
                self._is_ready(name)
            elif text:
                self.narrator.say(" ", f"{name} │ {text}")

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
            self.narrator.say(
                "→", f"Open http://{self.host}:{self.port}/   (Ctrl-C stops everything)"
            )
            self._ready.add("")  # said once

    async def _keep_servers(self) -> None:
        while not self.stopping.is_set():
            await asyncio.to_thread(
                self.servers.ensure,
                lambda server: self.narrator.say("!", f"{server.name} had ended; it runs again"),
            )
            await asyncio.sleep(1)

    async def _stop_processes(self) -> None:
        for child in reversed(self.running.values()):
            if child.returncode is None:
                child.terminate()
        for name, child in reversed(self.running.items()):
            try:
                await asyncio.wait_for(child.wait(), STOP_S)
            except TimeoutError:
                self.narrator.say("!", f"{name} did not stop in {STOP_S:.0f} s; killed")
                child.kill()
                await child.wait()
            _kill_group(child.pid)


async def _next_line(lines: asyncio.StreamReader) -> bytes:
    """Empty at the end. A line beyond all measure is cut: nobody may choke on what it says."""
    try:
        return await lines.readline()
    except ValueError:  # asyncio has thrown away what it had of it
        return "… (a line too long to show)\n".encode()


def _kill_group(leader: int) -> None:
    """End what a process has left behind, such as Celery's beat."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _die_with_parent() -> None:
    """Linux: end this process when the supervisor is killed outright."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
