"""The heartbeats of a Celery worker: to the supervisor through a pipe, to all others through Redis.

A worker that takes no tasks, or is stuck in one, sends no heartbeat, so the supervisor restarts it.
While the broker is unavailable the worker counts as healthy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from typing import Any

import redis
from celery.signals import task_postrun, task_prerun, task_revoked

from arena import processes
from arena.limits import PROCESSES

from . import heart
from .limits import VITALS


class Work:
    """The tasks that a worker is running, tracked by Celery's signals."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}
        self.last_taken = time.monotonic()

    def follow(self) -> None:
        task_prerun.connect(self._begin, weak=False)
        task_postrun.connect(self._end, weak=False)
        task_revoked.connect(self._take, weak=False)  # also counts as taken

    def _begin(self, task_id: str, **_: Any) -> None:
        self._began[task_id] = self.last_taken = time.monotonic()

    def _end(self, task_id: str, **_: Any) -> None:
        self._began.pop(task_id, None)

    def _take(self, **_: Any) -> None:
        self.last_taken = time.monotonic()

    @property
    def running(self) -> int:
        return len(self._began)

    @property
    def longest(self) -> float:
        """Seconds that the oldest running task has taken so far."""
        return time.monotonic() - min(self._began.copy().values(), default=time.monotonic())


class Vitals(threading.Thread):
    """Sends a heartbeat every second for a worker of these queues, until stopped."""

    def __init__(
        self, connection: redis.Redis, queues: Collection[str], threads: int, work: Work
    ) -> None:
        super().__init__(name="vitals", daemon=True)
        self._connection = connection
        self._queues = [queue for queue in processes.QUEUES if queue in queues]
        self._threads = threads
        self._work = work
        self._stopped = threading.Event()
        self._well = time.monotonic()  # when it last had no waiting tasks, or no idle threads

    def run(self) -> None:
        while not self._stopped.wait(PROCESSES.beat_s):
            self.beat()

    def stop(self) -> None:
        self._stopped.set()
        try:
            processes.leave(self._connection, *self._queues)
        except redis.RedisError:
            return

    def beat(self) -> None:
        try:
            is_ill = self._is_ill()
            if not is_ill:
                processes.beat(self._connection, *self._queues)
        except redis.RedisError:  # broker unavailable: a restart would not help
            self._well = time.monotonic()
            is_ill = False
        if not is_ill:
            heart.beat()

    def _is_ill(self) -> bool:
        return self._takes_nothing() or (
            processes.CORE in self._queues and self._work.longest > VITALS.stuck_s
        )

    def _takes_nothing(self) -> bool:
        """Whether Celery's loop is stuck or gone: tasks wait, threads are idle, none is taken."""
        waiting = any(self._connection.llen(queue) for queue in self._queues)
        if not waiting or self._work.running >= self._threads:
            self._well = time.monotonic()
        return time.monotonic() - max(self._well, self._work.last_taken) > VITALS.idle_s
