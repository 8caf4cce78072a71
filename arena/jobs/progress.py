"""The progress of jobs. Kept in Redis, since a job inside one long transaction cannot publish it
through the database. Deleting a job's note cancels the job."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import redis

from arena import broker
from arena.models import Job
from inference.contract.requests import known

EVERY_S = 0.5


class Notes(Protocol):
    """What work tells of its progress, whoever does it."""

    def __call__(self, done: float) -> None: ...

    def say(self, words: str) -> None: ...


class Silence:
    """For work that nobody watches."""

    def __call__(self, done: float) -> None:
        pass

    def say(self, words: str) -> None:
        pass


SILENCE = Silence()


class Interrupted(Exception):
    """The job was cancelled, or its worker has to stop."""


@dataclass(frozen=True)
class Progress:
    done: float | None = None  # fraction; None if the total is unknown
    words: str = ""

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Parse a note, perhaps of another version, whose unknown fields are ignored."""
        return cls(**known(cls, json.loads(text)))

    @property
    def percent(self) -> int:
        return int(100 * (self.done or 0))


def of(job: Job) -> Progress:
    """The job's progress; empty if there is no note or Redis is unavailable."""
    noted: Any = None
    with broker.spared("the progress of a job"):
        noted = broker.connection().get(_key(job))
    return Progress.parse(noted) if isinstance(noted, bytes) else Progress()


def begin(job: Job) -> None:
    with broker.spared("the progress of a job"):
        broker.connection().set(_key(job), json.dumps({}))


def forget(job: Job) -> None:
    with broker.spared("the end of a job"):
        broker.connection().delete(_key(job))


@dataclass
class Note:
    """Publishes the progress of a job, at most every `EVERY_S`. Raises Interrupted if the job has
    to end. The last note is never skipped, so that a cancelled job commits nothing."""

    job: Job
    is_stopping: Callable[[], bool]
    _noted: float = field(default=0.0, init=False)

    def __call__(self, done: float) -> None:
        """The fraction done, 0 to 1."""
        self._note({"done": done}, is_last=done >= 1.0)

    def say(self, words: str) -> None:
        """Progress of a job whose total is unknown, such as “12 pages written”."""
        self._note({"words": words})

    def _note(self, what: dict[str, Any], is_last: bool = False) -> None:
        now = time.monotonic()
        if now - self._noted < EVERY_S and not is_last:
            return
        self._noted = now
        if not self._is_wanted(what) or self.is_stopping():
            raise Interrupted

    def _is_wanted(self, what: dict[str, Any]) -> bool:
        try:
            return bool(broker.connection().set(_key(self.job), json.dumps(what), xx=True))
        except redis.RedisError:  # unavailable: the job goes on without showing progress
            return True


def _key(job: Job) -> str:
    return f"job:{job.pk}"
