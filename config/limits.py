"""The limits of processes that depend on others.

What belongs here, and how it is checked: `inference.contract.limits`.
"""

from __future__ import annotations

from dataclasses import dataclass

from arena.limits import IMPORTS, OUTLASTED_S, PROCESSES, WATCHDOG
from inference.contract.limits import BROKER, STREAMS, Limits, ascending
from inference.contract.limits import STOPPING as OF_WORKERS


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
    """When a process counts as hanging although it still beats, and is restarted."""

    gap_s: float = 4.0  # between two looks at itself: it was frozen, and begins anew
    idle_s: float = 15.0  # tasks wait, and none is taken or, on `core`, ends
    loop_s: float = 15.0  # a loop that should turn all the time stands still
    computing_s: float = 20.0  # CPU time of one task on `core`, or of one request of a page
    stuck_s: float = 120.0  # in one task on `core`, which may wait for a lock

    def check(self) -> None:
        ascending(
            "a loop that waits for a frozen broker would count as hanging",
            broker_reply_s=BROKER.reply_s,
            gap_s=self.gap_s,
            loop_s=self.loop_s,
        )
        ascending(
            "a worker would be restarted while a task waits for the broker",
            outlasted_s=OUTLASTED_S,
            stuck_s=self.stuck_s,
        )


@dataclass(frozen=True)
class Patience(Limits):
    """How long a process may be silent [s]: after its first heartbeat, and before."""

    running: float = 17.0
    starting: float = 300.0

    def check(self) -> None:
        ascending(
            "live processes would be ended",
            beat_s=PROCESSES.beat_s,
            running=self.running,
            starting=self.starting,
        )
        ascending(
            "battles would be given up before their hung worker is started again",
            running=self.running,
            back_s=WATCHDOG.back_s,
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
class Requests(Limits):
    """What a browser may send to the site, how slowly, and how much of it at once."""

    head_bytes: int = 64 * 1024  # of the first line and all headers
    head_s: float = 20.0  # for them to arrive
    body_bytes: int = 2_621_440  # as Django has it for forms
    body_s: float = 60.0
    small_bytes: int = 64 * 1024  # of a body: so much is read from everybody, at any time
    large_of_network: int = 6  # bodies that are larger, in a process until they are answered
    large_at_once: int = 24  # 63 MB
    file_bytes: int = IMPORTS.uploaded_bytes + 2_621_440  # of a form with a file, of the admin
    file_s: float = 4 * 3600.0
    unread_s: float = 60.0  # of an answer of which a client takes nothing, or less than 48 kB
    message_bytes: int = 64 * 1024  # of a websocket: what pages send has a few dozen
    at_once: int = 4  # of one network, that a process works on; its others wait
    place_s: float = 1.0  # for each of these, at most: what takes longer waits for something
    refused_s: float = 0.1  # between two refusals that one network gets of a process
    refused_most_s: float = 5.0  # that one of them waits

    def check(self) -> None:
        ascending(
            "no form could be sent",
            head_s=self.head_s,
            body_s=self.body_s,
            file_s=self.file_s,
        )
        ascending("no file could be sent", body_bytes=self.body_bytes, file_bytes=self.file_bytes)
        ascending(
            "no body would count as large, and they would fill the memory",
            small_bytes=self.small_bytes,
            body_bytes=self.body_bytes,
        )
        ascending(
            "one network could keep all others from sending large bodies",
            large_of_network=self.large_of_network,
            large_at_once=self.large_at_once,
        )
        ascending(
            "a single refusal would wait for longer than any may",
            refused_s=self.refused_s,
            refused_most_s=self.refused_most_s,
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
REQUESTS = Requests()
