"""Processes beside those that `make up` starts: more web processes, or proxies before them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .site import ROOT, until

WEB = [sys.executable, str(ROOT / "manage.py"), "process", "web", "--port"]


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str], port: int
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that listens on the port."""
    with subprocess.Popen(command, env={**os.environ, **environment}) as process:
        try:
            until(lambda: listens(port) or process.poll() is not None, f"port {port}")
            assert process.poll() is None, command
            yield process
        finally:
            process.terminate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
