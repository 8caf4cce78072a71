"""Signs of life of the processes, and how far the queues are behind: in Redis, by its clock.

Times are the broker's, so hosts whose clocks disagree agree here.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import redis

CORE, BACKGROUND = "core", "background"
QUEUES = (CORE, BACKGROUND)
CLOCK, WEB = "clock", "web"
KINDS = (WEB, CORE, CLOCK, BACKGROUND)

PERIOD_S = 1.0
FORGOTTEN_S = 3600.0  # until then a process that is gone is said to be silent
_PULSES = "pulses"


@dataclass(frozen=True)
class Signs:
    """What was heard of the processes.

    Attributes:
        silences: of each kind of process, seconds since each was last heard of, shortest first.
        delays: of each queue, seconds since the newest pulse was sent that has come through.
    """

    silences: Mapping[str, list[float]]
    delays: Mapping[str, float]

    def silence(self, kind: str) -> float | None:
        """Of the kind's liveliest; None when none was heard of within the last hour."""
        return min(self.silences.get(kind, []), default=None)


def name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


def broker_time(connection: redis.Redis) -> float:
    seconds, microseconds = connection.time()
    return float(seconds) + microseconds / 1e6


def beat(connection: redis.Redis, *kinds: str) -> None:
    """This process lives."""
    now = broker_time(connection)
    with connection.pipeline() as pipeline:
        for kind in kinds:
            pipeline.zadd(_key(kind), {name(): now})
            pipeline.zremrangebyscore(_key(kind), 0, now - FORGOTTEN_S)
        pipeline.execute()


def leave(connection: redis.Redis, *kinds: str) -> None:
    """This process ends in good order: nobody needs to miss it."""
    for kind in kinds:
        connection.zrem(_key(kind), name())


def note_pulse(connection: redis.Redis, queue: str, sent: float) -> None:
    """A pulse that was sent then has come through the queue."""
    connection.zadd(_PULSES, {queue: sent}, gt=True)


def look(connection: redis.Redis) -> Signs:
    now = broker_time(connection)
    with connection.pipeline() as pipeline:
        for kind in KINDS:
            pipeline.zrange(_key(kind), 0, -1, withscores=True)
        pipeline.zrange(_PULSES, 0, -1, withscores=True)
        *beats, pulses = pipeline.execute()
    silences = dict(zip(KINDS, (_ages(each, now) for each in beats), strict=True))
    return Signs(silences, {queue.decode(): max(0.0, now - sent) for queue, sent in pulses})


def _ages(beats: list[tuple[Any, float]], now: float) -> list[float]:
    return sorted(max(0.0, now - at) for _, at in beats)


def _key(kind: str) -> str:
    return f"processes:{kind}"
