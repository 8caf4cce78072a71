"""The vitals of a Celery worker.

As long as its tasks get on, it sends heartbeats, to its supervisor and through Redis to all others.
If they do not, it says why and ends, to be started again. While the broker or the database is
unavailable the worker counts as healthy: a restart would not help.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection

import redis

from arena import processes
from arena.limits import PROCESSES
from inference.contract import loops

from . import heart, outside
from .limits import VITALS
from .metrics.process import tell
from .transport import Room
from .work import Work


class Vitals(threading.Thread):
    """Beats every second for a worker of these queues, until stopped. New ones may be added to
    `queues` meanwhile. `reconnections` counts those of Celery: while it tries again and again, on a
    network that breaks every connection, it does not hang; nor while it `has_room` for nothing that
    waits."""

    def __init__(
        self,
        connection: redis.Redis,
        queues: Collection[str],
        threads: int,
        work: Work,
        stop: Callable[[str], object] = heart.stop,
        reconnections: Callable[[], int] = lambda: 0,
        has_room: Room | None = None,
    ) -> None:
        super().__init__(name="vitals", daemon=True)
        self._connection = connection
        self._queues = queues
        self._kinds = [queue for queue in processes.QUEUES if queue in queues]
        self._threads = threads
        self._work = work
        self._has_room = has_room or (lambda queue, held: True)
        self._end = stop
        self._reconnections, self._reconnected = reconnections, reconnections()
        self._stopped = threading.Event()
        self._well = time.monotonic()  # when it last had no waiting tasks, or a new connection

    def run(self) -> None:
        while not self._stopped.wait(PROCESSES.beat_s):
            self.beat()

    def stop(self) -> None:
        self._stopped.set()
        tell(self._connection)
        try:
            processes.leave(self._connection, *self._kinds)
        except redis.RedisError:
            return

    def beat(self) -> None:
        if loops.slept(VITALS.gap_s):
            self._forgive()
        try:
            complaint = self._complaint()
            if not complaint:
                processes.beat(self._connection, *self._kinds)
                tell(self._connection)
        except redis.RedisError:
            self._forgive()
            complaint = ""
        if complaint and not outside.database_answers():
            self._forgive()
            complaint = ""
        if complaint:
            self._end(complaint)
        else:
            heart.beat()

    def _forgive(self) -> None:
        self._well = time.monotonic()
        self._work.forgive()
        loops.forgive()

    def _complaint(self) -> str:
        """What hangs; "" if nothing does. Raises RedisError."""
        before, self._reconnected = self._reconnected, self._reconnections()
        queues = [queue for queue in list(self._queues) if self._has_room(queue, 0)]
        waits = any(self._connection.llen(queue) for queue in queues)
        if not waits or self._reconnected != before:
            self._well = time.monotonic()
        stands = time.monotonic() - max(self._well, self._work.moved)
        is_busy = self._work.running >= self._threads
        if stands > VITALS.idle_s and not is_busy:
            return "tasks wait and threads are idle, but it takes none"
        if name := loops.standing(VITALS.loop_s):
            return f"its {name} stands still"
        return self._complaint_of_core(stands) if processes.CORE in self._kinds else ""

    def _complaint_of_core(self, stands: float) -> str:
        """Tasks of other queues may take minutes: exports, or an answer."""
        if stands > VITALS.idle_s:
            return "tasks wait, and none of those that occupy its threads ends"
        if self._work.computing > VITALS.computing_s:
            return "a task computes and does not end"
        if self._work.longest > VITALS.stuck_s:
            return f"a task has not ended for {VITALS.stuck_s:.0f} s"
        return ""
