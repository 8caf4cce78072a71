"""The limits of processes that depend on others.

What belongs here, and how it is checked: `inference.contract.limits`.
"""

from __future__ import annotations

from dataclasses import dataclass

from arena.limits import OUTLASTED_S, PROCESSES
from inference.contract.limits import STOPPING as OF_WORKERS
from inference.contract.limits import STREAMS, Limits, ascending


@dataclass(frozen=True)
class Clock(Limits):
    """The clock that sends the periodic tasks."""

    tick_s: float = 0.1
    renew_s: float = 1.0
    lease_s: float = 3.0  # after this another clock may take over

    def check(self) -> None:
        ascending(
            "two clocks would tick at once",
            tick_s=self.tick_s,
            renew_s=self.renew_s,
            lease_s=self.lease_s,
        )


@dataclass(frozen=True)
class Vitals(Limits):
    """When a Celery worker counts as ill, and is restarted."""

    stuck_s: float = 120.0  # in one task: tasks on `core` take milliseconds
    idle_s: float = 60.0  # without taking a waiting task despite idle threads

    def check(self) -> None:
        ascending(
            "a worker would be restarted while a task waits for the broker",
            outlasted_s=OUTLASTED_S,
            stuck_s=self.stuck_s,
        )


@dataclass(frozen=True)
class Patience(Limits):
    """How long a process may be silent [s]: after its first heartbeat, and before."""

    running: float = 60.0
    starting: float = 300.0

    def check(self) -> None:
        ascending(
            "live processes would be ended",
            beat_s=PROCESSES.beat_s,
            running=self.running,
            starting=self.starting,
        )


@dataclass(frozen=True)
class Stopping(Limits):
    """Ending a process."""

    stop_s: float = 10.0  # after this it is killed
    last_words_s: float = 3.0  # for a hung process to dump its tracebacks

    def check(self) -> None:
        ascending(
            "a model worker would be killed while its answers end",
            worker_stopping_s=OF_WORKERS.answers_s,
            stop_s=self.stop_s,
        )


@dataclass(frozen=True)
class Tasks(Limits):
    """Celery's tasks."""

    connect_s: float = 2.0
    reply_s: float = 5.0
    redelivered_s: int = 3_700  # a task that is not acknowledged by then is delivered again

    def check(self) -> None:
        ascending(
            "the task of an answer under way would be delivered to another worker",
            stream_kept_s=STREAMS.kept_s,
            redelivered_s=self.redelivered_s,
        )


CLOCK = Clock()
VITALS = Vitals()
STOPPING = Stopping()
TASKS = Tasks()
