"""Hosts as network namespaces of this machine: each has an address and a wall clock of its own, and
one switch joins them. What a host that loses its power leaves behind is seen as it is: nothing is
closed, and nobody is told.

Needs root, and has to run in namespaces of its own (`unshare --net --pid`), which take all with
them when it ends.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.clocks import MACHINE, Clocks
from tests.live.site import ROOT, until

NET = "10.77.0"
SWITCH = "switch"
UNSHARE = "/usr/bin/unshare"
HERE = f"{NET}.1"  # of this process, where the volunteers are


class NotAloneError(Exception):
    """This process is not in a network of its own; the message says how to start it."""


def switch_on() -> None:
    """Make the switch, with this process at it. Raises NotAloneError."""
    links = json.loads(_run("ip", "-json", "link"))
    if os.geteuid() or [link["ifname"] for link in links] != ["lo"]:
        raise NotAloneError("Run it as root in a network of its own: make bench-hosts")
    for words in (
        "link set lo up", f"link add {SWITCH} type bridge",
        f"addr add {HERE}/24 dev {SWITCH}", f"link set {SWITCH} up",
    ):  # fmt: skip
        _run("ip", *words.split())


@dataclass
class Host:
    """One machine, from `plug` on."""

    name: str
    number: int
    folder: Path
    ahead_s: int = 0  # of its wall clock
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    has_gone: bool = False

    @property
    def address(self) -> str:
        return f"{NET}.{self.number}"

    def plug(self) -> None:
        self.has_gone = False
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (clocks := self.folder / "clocks").exists():
            self._clock = Clocks(clocks)
            self._clock.set(MACHINE, self.ahead_s)
        self._first = subprocess.Popen([UNSHARE, "--net", "sleep", "infinity"])
        ours, own = Path("/proc/self/ns/net"), Path(f"/proc/{self._first.pid}/ns/net")
        until(lambda: own.readlink() != ours.readlink(), "a namespace")
        cable = f"h{self.number}"
        _run("ip", *f"link add {cable} type veth peer eth0 netns {self._first.pid}".split())
        _run("ip", *f"link set {cable} master {SWITCH} up".split())
        for words in ("link set lo up", f"addr add {self.address}/24 dev eth0", "link set eth0 up"):
            _run(*self._inside, "ip", *words.split())

    @property
    def _inside(self) -> Sequence[str]:
        return ("nsenter", f"--net=/proc/{self._first.pid}/ns/net")

    def start(
        self, name: str, command: Sequence[str], settings: Mapping[str, str], user: str = ""
    ) -> None:
        """A process with this name, which says what it says in a file of the host's folder."""
        as_user = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if user else []
        environment = {**os.environ, **self._clock.environment, **settings}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*self._inside, *as_user, *command],
                cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def drain(self) -> None:
        """Tell all processes to stop, and wait until they have."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait()
        self._end()

    def die(self) -> None:
        """As if the power had gone: the cable is pulled first, so that nobody is told."""
        _run("ip", "link", "delete", f"h{self.number}")
        for process in self.processes.values():
            process.kill()
            process.wait()
        self._end()

    def _end(self) -> None:
        self.has_gone = True
        self.processes.clear()
        self._first.kill()
        self._first.wait()


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
