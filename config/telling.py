"""Non-blocking lines on standard output.

A supervisor must stop when told to, even if its terminal is gone (a broken pipe) or blocked (a full
pipe, Ctrl-S). A separate thread writes the lines; if it blocks, further lines are dropped.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time

PENDING = 1000
PATIENCE_S = 1.0


class Narrator:
    """`say` never blocks and never fails; `rest` gives pending lines a moment to be written."""

    def __init__(self, descriptor: int = 1) -> None:
        self._descriptor = descriptor
        self._lines: queue.Queue[str] = queue.Queue(PENDING)
        threading.Thread(target=self._write, name="narrator", daemon=True).start()

    def say(self, mark: str, text: str) -> None:
        try:
            self._lines.put_nowait(f"{mark} {text}")
        except queue.Full:
            return

    @property
    def pending(self) -> int:
        """The number of lines not yet written."""
        return self._lines.unfinished_tasks

    def rest(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while self.pending and time.monotonic() < until:
            time.sleep(0.01)

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            with contextlib.suppress(OSError):  # the reader is gone: keep running
                # Bypasses sys.stdout: a thread blocked with its lock held crashes Python at exit.
                os.write(self._descriptor, f"{line}\n".encode())
            self._lines.task_done()
