"""The sign of life a process gives the supervisor that has started it: a byte a second, in a pipe.

Not through the broker: when that is away, a process that waits for it is not ill.
"""

from __future__ import annotations

import contextlib
import os

VARIABLE = "HEARTBEAT_FD"  # number of the pipe's end that a process inherits
PERIOD_S = 1.0


def beat() -> None:
    """Without a supervisor, such as under systemd, nothing."""
    pipe = os.environ.get(VARIABLE)
    if pipe is not None:
        with contextlib.suppress(OSError):  # a supervisor that is gone, or does not read
            os.write(int(pipe), b".")
