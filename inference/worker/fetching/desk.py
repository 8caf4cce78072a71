"""The thread of a model worker that takes orders for weights and reports how they go on."""

from __future__ import annotations

import logging
import shutil
import socket
import threading
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

import redis

from inference.contract import fetching
from inference.contract.fetching import Fetch, State, Wanted
from inference.contract.limits import FETCHING

from . import claims
from .job import Job, scratch_of

AT_ONCE = 3
_SPEED_S = 5.0  # speed is the mean over this long

logger = logging.getLogger(__name__)


class Desk(threading.Thread):
    """Takes orders for `folder`, until stopped."""

    def __init__(self, connection: redis.Redis, folder: Path, worker: str) -> None:
        super().__init__(name="fetching", daemon=True)
        self._connection = connection
        self._folder = folder.resolve()
        self._host = socket.gethostname()
        self._worker = worker
        self._running: dict[str, tuple[Job, Speed]] = {}
        self._stopped = threading.Event()

    @property
    def home(self) -> str:
        """The folder among those of all hosts."""
        return f"{self._host}:{self._folder}"

    @property
    def free_bytes(self) -> int:
        try:
            return shutil.disk_usage(self._folder).free
        except OSError:
            return 0

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._report()
                self._take()
            except redis.RedisError as error:  # jobs go on, and are reported when it is back
                logger.warning("orders for weights are not heard: %s", error)
            except Exception:  # whatever an order contains: this thread must go on
                logger.exception("orders for weights could not be read")
            self._stopped.wait(FETCHING.report_s)
        self._leave()

    def stop(self) -> None:
        self._stopped.set()

    def _report(self) -> None:
        for order_id, (job, speed) in list(self._running.items()):
            is_over = not job.is_alive()  # asked first: its last progress is complete then
            rate = 0.0 if is_over else speed.after(job.progress.done)
            progress = replace(job.progress, per_second=rate)
            wanted = claims.report(self._connection, order_id, progress, self._worker)
            if is_over:
                self._finish(job, wanted)
            elif wanted is not Wanted.GO:
                job.stop()

    def _finish(self, job: Job, wanted: Wanted) -> None:
        del self._running[job.order.id]
        claims.let_go(self._connection, job.order.id, self._worker)
        if wanted is Wanted.DISCARD:
            self._discard(job.order)
        elif wanted is Wanted.GO and job.progress.state is State.STOPPED:
            claims.begin_again(self._connection, job.order.id)  # wanted again before it had stopped

    def _discard(self, order: fetching.Order) -> None:
        shutil.rmtree(scratch_of(self._folder, order), ignore_errors=True)
        claims.say_discarded(self._connection, order.id)

    def _take(self) -> None:
        for fetch in fetching.all_fetches(self._connection):
            is_elsewhere = fetch.home not in ("", self.home)
            if fetch.order.id in self._running or fetch.is_held or is_elsewhere:
                continue
            if fetch.wanted is Wanted.DISCARD:
                self._discard(fetch.order)
            elif self._is_due(fetch) and len(self._running) < AT_ONCE:
                self._begin(fetch)

    def _is_due(self, fetch: Fetch) -> bool:
        return fetch.wanted is Wanted.GO and not fetch.progress.state.is_over

    def _begin(self, fetch: Fetch) -> None:
        if claims.hold(self._connection, fetch, self.home, self._worker):
            job = Job(fetch.order, self._folder, self._host)
            self._running[fetch.order.id] = job, Speed()
            job.start()

    def _leave(self) -> None:
        """Stop the downloads, and leave them to the next worker with this folder."""
        for job, _ in self._running.values():
            job.stop()
        for order_id in self._running:
            try:
                claims.let_go(self._connection, order_id, self._worker)
            except redis.RedisError:
                return  # the leases run out


class Speed:
    """Bytes per second, lately."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def after(self, done: int) -> float:
        now = time.monotonic()
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > _SPEED_S:
            self._seen.popleft()
        (begin, first), (end, last) = self._seen[0], self._seen[-1]
        return max(0.0, (last - first) / (end - begin)) if end > begin else 0.0
