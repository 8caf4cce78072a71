"""The clock of the arena: sends the periodic tasks.

It is a thread in each core worker. The threads share a lease in Redis, so only one of them ticks,
on whatever host; when that one dies, another takes over. Celery's beat is not used: it outlives a
killed worker, and two of them send every task twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable

import redis
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import LockError
from redis.lock import Lock

from arena import processes
from arena.limits import PROCESSES
from inference.contract import loops

from .limits import CLOCK
from .periodic import SCHEDULE, Periodic

# A longer queue gets no periodic tasks: they would only pile up.
LONGEST_QUEUE = 30

logger = logging.getLogger(__name__)


class Clock(threading.Thread):
    def __init__(
        self, app: Celery, connection: redis.Redis, schedule: Iterable[Periodic] = SCHEDULE
    ) -> None:
        super().__init__(name="clock", daemon=True)
        self._app = app
        self._connection = connection
        self._schedule = list(schedule)
        self._lease = Lock(
            connection, "lease:clock", timeout=CLOCK.lease_s, blocking=False, thread_local=False
        )
        self._leading = False
        self._renewed = self._pulsed = -CLOCK.lease_s
        self._due: dict[Periodic, float] = {}
        self._stopped = threading.Event()

    def run(self) -> None:
        is_well = True
        while not self._stopped.wait(CLOCK.tick_s):
            loops.turn(self.name)
            try:
                self.tick(time.monotonic())
                is_well = True
            except (redis.RedisError, OperationalError) as error:
                self._due.clear()  # another clock may hold the lease by now
                if is_well:
                    logger.warning("The clock is waiting for the broker: %s", error)
                is_well = False

    def stop(self) -> None:
        self._stopped.set()
        if self.is_alive():
            self.join(timeout=2)
        loops.leave(self.name)
        try:
            self._lease.release()
            processes.leave(self._connection, processes.CLOCK)
        except (redis.RedisError, LockError):
            return  # another clock holds the lease, or it expires by itself

    def tick(self, now: float) -> None:
        """Send the tasks that are due at `now` (monotonic, so clock adjustments do not matter)."""
        if not self._leads(now):
            self._due.clear()
            return
        if now - self._pulsed >= PROCESSES.pulse_s:
            self._pulsed = now
            self._send_pulses()
        for periodic in self._schedule:
            if now >= (due := self._due.get(periodic, now)):
                late = now - due > periodic.every
                self._due[periodic] = (now if late else due) + periodic.every
                self._send(periodic)

    def _leads(self, now: float) -> bool:
        if now - self._renewed >= CLOCK.renew_s:
            self._renewed = now
            self._leading = False  # so that it is False if the broker fails to reply
            self._leading = self._has_lease()
            if self._leading:
                processes.beat(self._connection, processes.CLOCK)
        return self._leading

    def _has_lease(self) -> bool:
        try:
            return bool(self._lease.reacquire())
        except LockError:  # not ours, or expired
            return bool(self._lease.acquire())

    def _send(self, periodic: Periodic) -> None:
        route = self._app.amqp.router.route({}, periodic.task)
        if self._has_room(route["queue"].name):
            self._app.send_task(periodic.task)

    def _send_pulses(self) -> None:
        """Send a pulse through each queue, to measure its delay."""
        for queue in processes.QUEUES:
            if self._has_room(queue):
                sent = processes.broker_time(self._connection)
                self._app.send_task("arena.pulse", [queue, sent], queue=queue)

    def _has_room(self, queue: str) -> bool:
        return int(self._connection.llen(queue)) < LONGEST_QUEUE
