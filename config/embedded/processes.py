"""Checks, waits for and terminates server processes that may not be our children."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def alive(pid: int, expect: str) -> bool:
    """Whether `pid` is a running process named `expect` (the pid may have been reused)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return True  # no /proc (macOS): the pid is all we have
    name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
    return expect in name and rest.split()[0] != "Z"


def computed_s(pid: int) -> float:
    """The processor time of `pid` so far [s]; 0 where there is no /proc, or no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    user, system = fields[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def terminate(pid: int, how: signal.Signals, *, seconds: float, expect: str) -> None:
    """Signal `pid`, wait, and kill it if it is still running after `seconds`."""
    os.kill(pid, how)
    if not wait_until(lambda: not alive(pid, expect), seconds=seconds):
        os.kill(pid, signal.SIGKILL)


def wait_until(
    condition: Callable[[], bool],
    *,
    seconds: float,
    or_dead: Callable[[], bool] = lambda: False,
    grace: float = 0.0,
) -> bool:
    """Poll `condition`; give up after `seconds`, or when `or_dead` holds after `grace` seconds."""
    begin = time.monotonic()
    while not condition():
        waited = time.monotonic() - begin
        if waited > seconds or (waited > grace and or_dead()):
            return False
        time.sleep(0.02)
    return True


def last_lines(log: Path, count: int = 3) -> str:
    """The end of a server's log, as part of a sentence for the operator."""
    try:
        lines = log.read_text(errors="replace").strip().splitlines()[-count:]
    except OSError:
        return "It left no log."
    return f"Its log {log} ends with: " + " / ".join(line.strip() for line in lines)
