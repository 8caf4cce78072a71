"""What has happened so far, counted for monitoring: totals over all processes, kept in Redis.

A process adds to its own sums, which costs no round trip, and with each heartbeat adds them to the
totals. One that is killed loses the last second; while the broker is away, sums wait. Nothing is
counted without `METRICS_TOKEN`.
"""

from __future__ import annotations

import json
import threading
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import redis
from django.conf import settings

_KEY = "counters"
SUM, REST = "sum", "+Inf"
SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0)
QUICK = (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 3.0, 10.0)
SPEEDS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)


@dataclass(frozen=True)
class Family:
    """A counter or, with bounds of its buckets, a histogram."""

    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


FAMILIES = {
    "battles": Family("Battles begun.", ("campaign",)),
    "votes": Family("Votes stored.", ("campaign",)),
    "answers": Family("Answers stored.", ("service", "finish_reason")),
    "attempts_failed": Family("Attempts at an answer that failed.", ("service", "cause")),
    "tokens": Family("Tokens of stored answers, with thoughts.", ("service",)),
    "answer_queued_seconds": Family(
        "Time of a stored answer from its dispatch to its slot.", ("service",), SECONDS
    ),
    "answer_first_token_seconds": Family(
        "Time of a stored answer from its slot to its first token.", ("service",), SECONDS
    ),
    "answer_tokens_per_second": Family("Speed of a stored answer.", ("service",), SPEEDS),
    "request_seconds": Family("Time in which a page was made.", ("view", "status"), QUICK),
    "board_refresh_seconds": Family(
        "Time in which a leaderboard was computed.", ("campaign", "board"), SECONDS
    ),
    "log_errors": Family("Errors logged by the site's processes.", ("logger",)),
}


class Field(NamedTuple):
    """One number: of a family, for values of its labels. A histogram has one for each bucket, by
    its upper bound, and one for the sum."""

    family: str
    values: tuple[str, ...]
    part: str = ""

    def encoded(self) -> str:
        return json.dumps(self)

    @classmethod
    def parse(cls, text: bytes) -> Field:
        family, values, part = json.loads(text)
        return cls(family, tuple(values), part)


_sums: dict[Field, float] = {}
_lock = threading.Lock()


def add(family: str, amount: float = 1, **labels: str) -> None:
    _add({_field(family, labels): amount})


def observe(family: str, value: float, **labels: str) -> None:
    """Count a value in a histogram."""
    bounds = [*map(str, FAMILIES[family].buckets), REST]
    bucket = bounds[bisect_left(FAMILIES[family].buckets, value)]
    field = _field(family, labels)
    _add({field._replace(part=bucket): 1, field._replace(part=SUM): value})


def flush(connection: redis.Redis) -> None:
    """Add this process's sums to the totals. Raises RedisError; then they are kept."""
    with _lock:
        taken = dict(_sums)
        _sums.clear()
    if not taken:
        return
    try:
        with connection.pipeline() as pipeline:
            for field, amount in taken.items():
                pipeline.hincrbyfloat(_KEY, field.encoded(), amount)
            pipeline.execute()
    except redis.RedisError:
        _add(taken)
        raise


def totals(connection: redis.Redis) -> dict[Field, float]:
    """Of families that this version has."""
    found: Any = connection.hgetall(_KEY)
    read = {Field.parse(name): float(amount) for name, amount in found.items()}
    return {field: amount for field, amount in read.items() if field.family in FAMILIES}


def _field(family: str, labels: Mapping[str, str]) -> Field:
    """Raises KeyError if the family has no such labels."""
    return Field(family, tuple(labels[name] for name in FAMILIES[family].labels))


def _add(amounts: Mapping[Field, float]) -> None:
    if settings.METRICS_TOKEN:
        with _lock:
            for field, amount in amounts.items():
                _sums[field] = _sums.get(field, 0) + amount
