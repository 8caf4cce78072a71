"""Heartbeats of the processes and delays of the queues, kept in Redis.

Times are by the broker's clock, so the clocks of the hosts need not agree.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import redis

from .limits import PROCESSES

CORE, BACKGROUND = "core", "background"
QUEUES = (CORE, BACKGROUND)
CLOCK, WEB = "clock", "web"
KINDS = (WEB, CORE, CLOCK, BACKGROUND)
TELLING = (WEB, CORE, BACKGROUND)  # the clock is a thread of a core worker

_PULSES = "pulses"


@dataclass(frozen=True)
class Signs:
    """The heartbeats and pulses received so far.

    Attributes:
        silences: by kind, seconds since the last heartbeat of each process, shortest first.
        delays: by queue, seconds since its newest pulse that has arrived was sent.
    """

    silences: Mapping[str, list[float]]
    delays: Mapping[str, float]

    def silence(self, kind: str) -> float | None:
        """Seconds since the kind's most recent heartbeat; None without one in the last hour."""
        return min(self.silences.get(kind, []), default=None)


def name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


def broker_time(connection: redis.Redis) -> float:
    seconds, microseconds = connection.time()
    return float(seconds) + microseconds / 1e6


def beat(connection: redis.Redis, *kinds: str) -> None:
    """Record a heartbeat of this process."""
    now = broker_time(connection)
    with connection.pipeline() as pipeline:
        for kind in kinds:
            pipeline.zadd(_key(kind), {name(): now})
            pipeline.zremrangebyscore(_key(kind), 0, now - PROCESSES.forgotten_s)
        pipeline.execute()


def tell(connection: redis.Redis, figures: Mapping[str, float]) -> None:
    """Publish what only this process knows of itself; gone soon after its last heartbeat."""
    connection.set(_figures_key(name()), json.dumps(figures), ex=int(PROCESSES.silent_s))


def told(connection: redis.Redis) -> dict[tuple[str, str], dict[str, float]]:
    """The figures of every live process, by its kind and name."""
    with connection.pipeline() as pipeline:
        for kind in TELLING:
            pipeline.zrange(_key(kind), 0, -1)
        found = zip(TELLING, pipeline.execute(), strict=True)
    known = [(kind, process.decode()) for kind, processes in found for process in processes]
    texts: Any = connection.mget([_figures_key(process) for _, process in known]) if known else []
    each = zip(known, texts, strict=True)
    return {process: json.loads(text) for process, text in each if text is not None}


def leave(connection: redis.Redis, *kinds: str) -> None:
    """Remove this process, which shuts down cleanly, so that it is not reported as silent."""
    for kind in kinds:
        connection.zrem(_key(kind), name())


def note_pulse(connection: redis.Redis, queue: str, sent: float) -> None:
    """Record that a pulse sent at `sent` has arrived through the queue."""
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


def _figures_key(process: str) -> str:
    return f"process:{process}"


def _key(kind: str) -> str:
    return f"processes:{kind}"
