"""The heartbeat of a process to its supervisor: a byte a second through a pipe.

It does not go through the broker: a process that waits for an unavailable broker is healthy.
"""

from __future__ import annotations

import contextlib
import os

VARIABLE = "HEARTBEAT_FD"  # the file descriptor of the pipe's write end, inherited by the process


def beat() -> None:
    """Send a heartbeat. Does nothing without a supervisor, for example under systemd."""
    pipe = os.environ.get(VARIABLE)
    if pipe is not None:
        with contextlib.suppress(OSError):  # the supervisor is gone, or the pipe is full
            os.write(int(pipe), b".")
