"""Processes that die or hang, under a real supervisor; the processes are small test programs."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from config import supervisor
from config.embedded import EmbeddedError
from config.life import end_with_last_words
from config.limits import STOPPING, Patience
from config.supervisor import Process, Supervisor, SupervisorError
from tests.bending import bend

PATIENCE_S = 180.0  # for a busy machine
T = TypeVar("T")
BEATS = """
import os, sys, time
print("ready", flush=True)
for _ in range({beats}):
    os.write(int(os.environ["HEARTBEAT_FD"]), b".")
    time.sleep(0.05)
{then}
"""


class Listening(Supervisor):
    """Supervises one program, without servers, and keeps the messages about it."""

    def __init__(self, var: Path) -> None:
        super().__init__(var, "127.0.0.1", 1)
        self.servers.members.clear()
        self.said: list[str] = []
        self.narrator.say = lambda mark, text: self.said.append(f"{mark} {text}")  # type: ignore[method-assign]
        self._page.set()
        self.patience = Patience(running=2.0)

    async def soon(self, check: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not check():
            assert time.monotonic() < until, "\n".join(self.said)
            await asyncio.sleep(0.05)

    async def says(self, part: str, times: int) -> None:
        await self.soon(lambda: self.times(part) >= times)
        assert self.times(part) == times

    async def keep_until(
        self, program: str, over: Callable[[], bool], starting_s: float = 60.0
    ) -> None:
        patience = Patience(running=2.0, starting=starting_s)
        process = Process("program", [sys.executable, "-c", program], patience=patience)
        self._expected = {"program", "another"}
        keeping = asyncio.create_task(self._keep(process))
        try:
            await self.soon(lambda: over() or keeping.done())
            if keeping.done():
                keeping.result()
        finally:
            self.stopping.set()
            await self._stop_processes()
            await asyncio.wait({keeping}, timeout=20)

    def times(self, part: str) -> int:
        return sum(part in line for line in self.said)


@pytest.fixture
def listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Listening:
    bend(monkeypatch, STOPPING, last_words_s=0.5)
    return Listening(tmp_path / "var")


def test_process_that_hangs_is_told_of_and_started_again(listening: Listening) -> None:
    program = BEATS.format(beats=5, then="def stuck():\n    time.sleep(600)\nstuck()")
    asyncio.run(listening.keep_until(program, lambda: listening.times("restarting it") > 0))
    assert listening.times("! program hangs: no sign of life for 2 s") == 1
    assert listening.times("in stuck") == 1  # where it hung
    assert listening.times("! program ended (signal SIGABRT)") == 1


def test_frozen_process_is_started_again(listening: Listening) -> None:
    program = BEATS.format(beats=5, then="os.kill(os.getpid(), 19)")
    asyncio.run(listening.keep_until(program, lambda: listening.times("restarting it") > 0))
    assert listening.times("! program ended (signal SIGKILL)") == 1


def test_process_that_beats_is_left_alone(listening: Listening) -> None:
    began = time.monotonic()
    program = BEATS.format(beats=10_000, then="")
    asyncio.run(listening.keep_until(program, lambda: time.monotonic() - began > 4))
    assert listening.times("!") == 0


def test_process_that_has_not_begun_to_beat_is_left_alone(listening: Listening) -> None:
    began = time.monotonic()
    asyncio.run(
        listening.keep_until("import time; time.sleep(60)", lambda: time.monotonic() - began > 4)
    )
    assert listening.times("!") == 0


def test_process_that_hangs_before_it_begins_is_started_again(listening: Listening) -> None:
    asyncio.run(
        listening.keep_until(
            "import time; time.sleep(600)", lambda: listening.times("restarting it") > 0, 3.0
        )
    )
    assert listening.times("! program hangs: no sign of life for 3 s") == 1


def test_process_that_ends_just_when_it_is_found_to_hang_is_no_error(listening: Listening) -> None:
    async def end() -> None:
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
        await child.wait()
        await end_with_last_words(child)

    asyncio.run(end())


def test_process_that_never_was_ready_is_given_up(listening: Listening) -> None:
    with pytest.raises(SupervisorError, match="program exits as soon as it starts"):
        asyncio.run(listening.keep_until("raise SystemExit(3)", lambda: False))


def test_process_that_was_ready_once_is_started_for_good(listening: Listening) -> None:
    program = BEATS.format(beats=0, then="sys.exit(3)")
    enough = supervisor.MAX_QUICK_DEATHS + 2
    asyncio.run(listening.keep_until(program, lambda: listening.times("restarting it") >= enough))


def test_server_that_cannot_start_is_tried_for_good_and_told_once(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def ensure(started: object) -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise EmbeddedError("The disk is full.")
        listening.stopping.set()

    async def no_pause(seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(listening.servers, "ensure", ensure)
    monkeypatch.setattr(listening, "_pause", no_pause)
    asyncio.run(listening._keep_servers())
    assert tries == 4
    assert listening.said == ["! The disk is full. Trying again until it works"]


def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    """Including grandchildren that would otherwise keep running, such as a clock."""
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from tests.config.test_supervisor import BEATS, Listening\n"
        f"site = Listening(Path({str(tmp_path)!r}))\n"
        'say = \'import os; open(os.environ["PID_FILE"], "w").write(str(os.getpid()))\\n\'\n'
        "program = say + BEATS.format(beats=10_000, then='')\n"
        "asyncio.run(site.keep_until(program, lambda: False))\n"
    )
    file = tmp_path / "pid"
    environment = {**os.environ, "PID_FILE": str(file)}
    root = Path(__file__).resolve().parent.parent.parent
    parent = os.spawnve(
        os.P_NOWAIT,
        "/bin/sh",
        ["sh", "-c", f'cd {root} && exec {sys.executable} -c "$0"', program],
        environment,
    )
    child = _soon(lambda: int(file.read_text() or 0) if file.exists() else 0)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    _soon(lambda: not _runs(child))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _soon(check: Callable[[], T]) -> T:
    until = time.monotonic() + 30
    while not (found := check()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


@pytest.mark.parametrize(
    ("host", "https", "named", "hosts"),
    [
        ("127.0.0.1", "", None, "localhost, 127.0.0.1, [::1]"),
        ("127.0.0.1", "", "gpu1", "gpu1"),
        ("127.0.0.1", "1", None, None),
        ("0.0.0.0", "", None, None),
    ],
)
def test_servers_of_this_machine_are_asked_while_only_it_can_open_the_page(
    host: str, https: str, named: str | None, hosts: str | None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("HTTPS", https)
    monkeypatch.delenv("FETCH_HOSTS")
    if named is not None:
        monkeypatch.setenv("FETCH_HOSTS", named)
    assert Supervisor(tmp_path, host, 1).environment.get("FETCH_HOSTS") == hosts


@pytest.mark.parametrize(
    ("host", "shown"), [("::1", "[::1]"), ("127.0.0.1", "127.0.0.1"), ("localhost", "localhost")]
)
def test_addresses_of_either_kind(tmp_path: Path, host: str, shown: str) -> None:
    family = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family) as taken:
        taken.bind((host, 0))
        port = taken.getsockname()[1]
        some = Supervisor(tmp_path, host, port)
        taken.listen()
        with pytest.raises(SupervisorError, match=f"Port {port} on {host} is not available"):
            some._check_port()
    some._check_port()
    assert some.url == f"http://{shown}:{port}/"


def test_host_that_is_none_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(SupervisorError, match=r"Port 8000 on nowhere\.invalid is not"):
        Supervisor(tmp_path, "nowhere.invalid", 8000)._check_port()
