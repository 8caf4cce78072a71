"""How things fail, and how they come back."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.live.proxy import Proxy
from tests.live.site import Site, until

from .arenas import Arena, CannotError
from .clocks import MACHINE
from .parts import CLOCKS, NETWORK, Fault, running, signal_all

IN_VOTE_S = 0.06  # a vote takes some hundredths of a second
VOTES_PER_KILL = 4
RESET_EVERY_S = 1.0
LOOK_S = 0.1


@dataclass
class Replaced:
    """After how many seconds a process that hangs was ended, and after how many another was at
    work; None: never."""

    ended_s: float | None = None
    replaced_s: float | None = None


def strike(arena: Arena, fault: Fault) -> Replaced:
    """Begin the fault and wait for its end. Start `make up` again if it has ended."""
    found = Replaced()
    if fault.how == "kill":
        _kill(arena.site, fault.part)
        return found
    said, began = len(arena.site.lines), time.monotonic()
    with _failing(arena, fault):
        while (now := time.monotonic() - began) < fault.seconds:
            time.sleep(LOOK_S)
            if found.ended_s is None and _says(arena.site, f"! {fault.part} ended", said):
                found.ended_s = round(now, 1)
            if found.replaced_s is None and _says(arena.site, f"✓ {fault.part} (", said):
                found.replaced_s = round(now, 1)
    return found


def strike_at_votes(site: Site, fault: Fault, random: Random) -> Callable[[], None]:
    """What to call before each vote is sent: at every few, the part is killed before, during or
    after the commit."""
    count = itertools.count()

    def strike_soon() -> None:
        if next(count) % VOTES_PER_KILL == 0:
            threading.Timer(random.uniform(0.0, IN_VOTE_S), kill).start()

    def kill() -> None:
        signal_all(running(site, fault.part), signal.SIGKILL)

    return strike_soon


def _kill(site: Site, part: str) -> None:
    signal_all(_hit(site, part), signal.SIGKILL)
    if part in ("supervisor", "all"):
        site.process.wait()
        site.process = site._up()  # at the same address


def _hit(site: Site, part: str) -> list[int]:
    return until(lambda: running(site, part), f"{part} to be back from the last time")


def _says(site: Site, what: str, said: int) -> bool:
    return any(what in line for line in site.lines[said:])


@contextmanager
def _failing(arena: Arena, fault: Fault) -> Iterator[None]:
    if fault.how in NETWORK:
        with broken(arena.means.proxies[fault.part], fault.how):
            yield
    elif fault.how in CLOCKS:
        with _set_clock(arena, fault):
            yield
    else:
        ways = {"stop": _stopped, "memory": _starved, "full": _full}
        with ways[fault.how](arena.site, fault.part):
            yield


@contextmanager
def _stopped(site: Site, part: str) -> Iterator[None]:
    hit = _hit(site, part)
    signal_all(hit, signal.SIGSTOP)
    yield
    signal_all(hit, signal.SIGCONT)


@contextmanager
def _starved(site: Site, part: str) -> Iterator[None]:
    """No more memory for what runs than it has."""
    hit = _hit(site, part)
    for pid in hit:
        with suppress(FileNotFoundError):
            _limit(pid, str(_size(pid)))
    yield
    for pid in hit:
        with suppress(FileNotFoundError):
            _limit(pid, "unlimited")


def _limit(pid: int, most: str) -> None:
    """By its own user, who may, where root in a container may not."""
    owner = Path(f"/proc/{pid}").stat()
    command = ["prlimit", f"--pid={pid}", f"--as={most}:"]
    done = subprocess.run(command, user=owner.st_uid, group=owner.st_gid, check=False)
    if done.returncode and Path(f"/proc/{pid}").exists():
        raise CannotError(f"the memory of process {pid} cannot be limited")


def _size(pid: int) -> int:
    """Of its address space [bytes]."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()[0]
    return int(pages) * os.sysconf("SC_PAGESIZE")


@contextmanager
def _full(site: Site, part: str) -> Iterator[None]:
    """Somebody else's files take all room, and again whatever gets free."""
    ballast, over = site.var / "ballast", threading.Event()
    ballast.mkdir()

    def fill() -> None:
        for number in itertools.count():
            with (ballast / str(number)).open("wb") as file, suppress(OSError):
                os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(site.var).free)
            if over.wait(1.0):
                return

    filling = threading.Thread(target=fill)
    filling.start()
    yield
    over.set()
    filling.join()
    shutil.rmtree(ballast)


@contextmanager
def _set_clock(arena: Arena, fault: Fault) -> Iterator[None]:
    """Wrong until the end of the fault, when it jumps again: to the right time."""
    clocks = arena.means.clocks
    assert clocks is not None
    whose = [MACHINE] if fault.part == "all" else _hit(arena.site, fault.part)
    for each in whose:
        clocks.set(each, CLOCKS[fault.how])
    yield
    for each in whose:
        clocks.set(each, 0)


@contextmanager
def broken(proxy: Proxy, how: str) -> Iterator[None]:
    """A connection on which nothing is carried, new ones are refused, or all are ended each second;
    in the end what was held goes on (`freeze`), or is lost (`drop`)."""
    over = threading.Event()

    def reset() -> None:
        while not over.wait(RESET_EVERY_S):
            proxy.cut()

    if how == "reset":
        cutting = threading.Thread(target=reset)
        cutting.start()
        yield
        over.set()
        cutting.join()
        return proxy.carry()
    proxy.refuse() if how == "refuse" else proxy.hold()
    yield
    return proxy.cut() if how == "drop" else proxy.carry()
