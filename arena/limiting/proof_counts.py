"""How proofs of work ended, by the hour: whether honest people are kept out has to be noticed."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from .. import broker

HOUR_S = 3600
KEPT_HOURS = 25
FEWEST = 10  # before a share means anything
SHARE = 0.2  # of those asked who could not be verified, or failed
JUMP = 3  # times the share of the day before


@dataclass(frozen=True)
class Report:
    hour: Counter[str]  # this one, by outcome
    day: Counter[str]  # the 24 before

    @property
    def has_jumped(self) -> bool:
        """Whether more than usual could not be verified, or failed."""
        now = _share(self.hour)
        is_many = self.hour.total() - self.hour["asked"] >= FEWEST
        return is_many and now >= max(SHARE, JUMP * _share(self.day))


def note(outcome: str) -> None:
    with broker.spared("how a proof of work ended was not counted"):
        key = _key(int(time.time() // HOUR_S))
        broker.connection().hincrby(key, outcome, 1)
        broker.connection().expire(key, KEPT_HOURS * HOUR_S)


def this_hour() -> Counter[str]:
    """By outcome. Raises RedisError."""
    return _of(int(time.time() // HOUR_S))


def report() -> Report:
    """Raises RedisError."""
    this = int(time.time() // HOUR_S)
    day = sum((_of(this - hours) for hours in range(1, KEPT_HOURS)), Counter[str]())
    return Report(_of(this), day)


def _share(counts: Counter[str]) -> float:
    ended = counts.total() - counts["asked"]
    return (ended - counts["proven"]) / ended if ended else 0.0


def _of(hour: int) -> Counter[str]:
    found: Any = broker.connection().hgetall(_key(hour))
    return Counter({name.decode(): int(number) for name, number in found.items()})


def _key(hour: int) -> str:
    return f"limits:proofs:{hour}"
