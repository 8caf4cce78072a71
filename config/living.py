"""Threads that run beside the tasks of a Celery worker: its heartbeat and, in a core worker, the
clock and the receiver of results."""

from __future__ import annotations

from typing import Any

from arena import broker, processes
from arena.generating.receiving import Receiver

from .clock import Clock
from .vitals import Vitals
from .work import Work

_running: list[Vitals | Clock | Receiver] = []


def begin(consumer: Any) -> None:
    """Start the threads, when the worker is ready to take tasks."""
    queues = consumer.app.amqp.queues.consume_from
    work = Work()
    work.follow()
    _running.append(
        Vitals(
            broker.connection(), queues, consumer.pool.limit, work,
            reconnections=lambda: consumer.restart_count,
            has_room=consumer.app.conf.broker_transport_options.get("has_room"),
        )
    )  # fmt: skip
    if processes.CORE in queues:
        _running.append(Clock(consumer.app, broker.connection()))
        _running.append(Receiver(consumer.app, broker.connection()))
    for each in _running:
        each.start()


def end() -> None:
    """Stop the threads when the worker shuts down, so that another clock can take over at once."""
    for each in _running:
        each.stop()
