"""What threads of a process are doing: the tasks of a worker, or the requests of a web process."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from celery.signals import task_postrun, task_prerun, task_revoked


def _own_clock() -> int | None:
    """The clock of the CPU time of this thread, which any thread can read; None on macOS."""
    clock_of = getattr(time, "pthread_getcpuclockid", None)
    return clock_of(threading.get_ident()) if clock_of else None


@dataclass
class Piece:
    """A piece of work, made and ended in the thread that does it."""

    began: float = field(default_factory=time.monotonic)
    clock: int | None = field(default_factory=_own_clock)
    cpu_before: float = field(default_factory=time.thread_time)

    @property
    def cpu_s(self) -> float:
        with contextlib.suppress(OSError):  # its thread has just ended
            if self.clock is not None:
                return time.clock_gettime(self.clock) - self.cpu_before
        return 0.0


class Work:
    """The pieces of work under way."""

    def __init__(self) -> None:
        self._pieces: dict[object, Piece] = {}
        self.moved = time.monotonic()  # when a piece last began or ended

    def follow(self) -> None:
        """Count Celery's tasks."""
        task_prerun.connect(self._begin, weak=False)
        task_postrun.connect(self._end, weak=False)
        task_revoked.connect(self._move, weak=False)

    @contextmanager
    def piece(self) -> Iterator[None]:
        key = object()
        self._pieces[key] = Piece()
        try:
            yield
        finally:
            del self._pieces[key]

    def forgive(self) -> None:
        """Let all pieces begin anew: what they waited for was away."""
        self._move()
        for piece in list(self._pieces.values()):
            piece.began = self.moved

    def _begin(self, task_id: str, **_: Any) -> None:
        self._move()
        self._pieces[task_id] = Piece()

    def _end(self, task_id: str, **_: Any) -> None:
        self._move()
        self._pieces.pop(task_id, None)

    def _move(self, **_: Any) -> None:
        self.moved = time.monotonic()

    @property
    def running(self) -> int:
        return len(self._pieces)

    @property
    def longest(self) -> float:
        """Seconds that the oldest piece has taken so far."""
        now = time.monotonic()
        return max((now - piece.began for piece in list(self._pieces.values())), default=0.0)

    @property
    def computing(self) -> float:
        """The most seconds of CPU time that a piece has taken so far."""
        return max((piece.cpu_s for piece in list(self._pieces.values())), default=0.0)
