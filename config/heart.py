"""The heartbeat of a process to whatever supervises it, once a second.

To `make up` it is a byte through a pipe, to systemd a datagram (`WatchdogSec`), to Kubernetes or
anything else the time of a file. It does not go through the broker: a process that waits for an
unavailable broker is healthy.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

VARIABLE = "HEARTBEAT_FD"  # the file descriptor of the pipe's write end, inherited by the process
FILE = "HEARTBEAT_FILE"
SYSTEMD = "NOTIFY_SOCKET"


def beat() -> None:
    """Send a heartbeat to whoever wants one."""
    pipe = os.environ.get(VARIABLE)
    if pipe is not None:
        with contextlib.suppress(OSError):  # the supervisor is gone, or the pipe is full
            os.write(int(pipe), b".")
    if file := os.environ.get(FILE):
        with contextlib.suppress(OSError):  # no room on its disk
            Path(file).touch()
    tell_systemd("WATCHDOG=1")


def tell_systemd(state: str) -> None:
    """Send `READY=1`, `WATCHDOG=1` … to systemd, if it has started this process (sd_notify(3))."""
    address = os.environ.get(SYSTEMD, "")
    if not address:
        return
    if address.startswith("@"):  # Linux's abstract sockets
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        line.sendto(state.encode(), address)


def stop(reason: str) -> NoReturn:
    """End this process, which hangs in one of its threads, so that it is started again. Says why in
    one line, and then what each thread is doing."""
    sys.stderr.flush()
    os.write(2, f"Hangs, so it ends: {reason}. What it was doing follows.\n".encode())
    faulthandler.dump_traceback(all_threads=True)
    os._exit(os.EX_SOFTWARE)
