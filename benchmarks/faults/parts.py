"""What can fail, and the processes that it is."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.live.site import Site, _parent

CHILDREN = {
    "web": "uvicorn", "core": "-Q\0core", "background": "-Q\0background",
    "inference": "inference_worker",
}  # fmt: skip
SERVERS = ("valkey", "postgres")
PARTS = (*CHILDREN, "supervisor", *SERVERS, "all")
NETWORK = ("reset", "refuse", "freeze", "drop")
CLOCKS = {"ahead": 3600, "behind": -3600}  # until the fault ends


@dataclass(frozen=True)
class Fault:
    """Something that fails: `part` is a process, the server at the other end of a connection, or
    the disk."""

    part: str
    how: str  # kill, stop, memory, vote (killed again and again just as votes are sent), full, or
    # one of NETWORK or of CLOCKS
    seconds: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.part}:{self.how}" + (f":{self.seconds:.0f}" if self.seconds else "")

    @property
    def arena(self) -> str:
        """The kind of arena in which it can be made."""
        if self.how in NETWORK:
            return "network"
        if self.how in CLOCKS:
            return "clock"
        return "disk" if self.part == "disk" else "plain"


def pids(site: Site, part: str) -> list[int]:
    if part == "all":
        return [pid for each in PARTS[:-1] for pid in pids(site, each)]
    if part == "supervisor":
        return [site.process.pid]
    if part == "valkey":
        return [int((site.var / "valkey" / "valkey.pid").read_text())]
    if part == "postgres":
        first = int((site.var / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        return [first, *_children(first)]
    return [site.child(CHILDREN[part])]


def running(site: Site, part: str) -> list[int]:
    with suppress(AssertionError, OSError, ValueError):
        return pids(site, part)
    return []


def signal_all(processes: list[int], how: signal.Signals) -> None:
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, how)


def _children(parent: int) -> list[int]:
    folders = [each for each in Path("/proc").iterdir() if each.name.isdigit()]
    return [int(each.name) for each in folders if _parent(each) == parent]
