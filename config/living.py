"""What runs beside the tasks of a Celery worker: its signs of life and, in a core worker, the
clock."""

from __future__ import annotations

from typing import Any

from arena import broker, processes

from .clock import Clock
from .vitals import Vitals, Work

_running: list[Vitals | Clock] = []


def begin(consumer: Any) -> None:
    """For a worker that takes tasks from now on."""
    queues = consumer.app.amqp.queues.consume_from
    work = Work()
    work.follow()
    _running.append(Vitals(broker.connection(), queues, consumer.pool.limit, work))
    if processes.CORE in queues:
        _running.append(Clock(consumer.app, broker.connection()))
    for each in _running:
        each.start()


def end() -> None:
    """The worker has been told to stop: another may be the clock at once."""
    for each in _running:
        each.stop()
