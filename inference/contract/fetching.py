"""Downloads of weights by model workers: orders, their progress, and what is wanted of them.

The site places an order in Redis; a worker that may add weights to its folder takes it. The order
stays with that worker's folder, where the partial file is, so that it goes on after a restart. Only
a worker that holds the order's lease works on it, even where several share a folder.

Orders are written by the site alone: workers' users can only read them (docs/decisions/0033). What
a worker says about one is beside it (`Beside`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self
from uuid import uuid4

import redis

from .kinds import parsed
from .limits import FETCHING
from .requests import known

_PREFIX = "fetch:"
_BESIDE = f"{_PREFIX}way:"  # which the users of workers could write in the release before, too
_IDS = "fetches"  # a set, as a scan for keys by prefix would visit all streams too


class State(StrEnum):
    WAITING = "waiting"  # for a worker
    RUNNING = "running"
    CHECKING = "checking"  # joining parts, comparing SHA-256
    DONE = "done"
    STOPPED = "stopped"  # by its orderer; what has arrived is kept
    FAILED = "failed"  # the same, unless it was found to be damaged

    @property
    def is_over(self) -> bool:
        return self in (State.DONE, State.STOPPED, State.FAILED)


class Beside(StrEnum):
    """What workers say about an order, a key each: true or not, it changes no order."""

    HOME = "home"  # the folder that took it
    PROGRESS = "progress"
    DISCARDED = "discarded"  # nothing of it is left there
    LEASE = "lease"  # the worker that works on it


class Wanted(StrEnum):
    GO = "go"
    STOP = "stop"
    DISCARD = "discard"  # delete what has arrived, and forget the order


@dataclass(frozen=True)
class Part:
    """One file to download: the whole weights, or one part of them."""

    path: str  # in the repository; otherwise the file's name
    url: str = ""  # empty in a repository
    bytes: int = 0  # 0 if unknown
    sha256: str = ""  # empty if unknown


@dataclass(frozen=True)
class Order:
    """Weights to download, from a repository of the hub or from URLs."""

    name: str  # of the weights: the file's name without .gguf
    parts: tuple[Part, ...]
    repository: str = ""  # such as "bartowski/Llama-3.2-1B-Instruct-GGUF"
    revision: str = ""  # of the repository: a commit
    is_ours: bool = False  # from the site itself, which may be in a private network
    by: str = ""  # who ordered it
    facts: dict[str, str] = field(default_factory=dict)  # for the contestant's card
    id: str = field(default_factory=lambda: uuid4().hex)
    placed: float = field(default_factory=time.time)

    @property
    def total_bytes(self) -> int:
        """0 if unknown."""
        sizes = [part.bytes for part in self.parts]
        return sum(sizes) if all(sizes) else 0

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Parse an order. Unknown fields, from a newer version, are ignored."""
        said = known(cls, json.loads(text))
        return cls(**{**said, "parts": tuple(Part(**known(Part, p)) for p in said["parts"])})


@dataclass(frozen=True)
class Progress:
    """How far an order has got."""

    state: State = State.WAITING
    done: int = 0  # bytes
    total: int = 0  # 0 if unknown
    per_second: float = 0.0  # bytes, lately
    note: str = ""  # why it waits or has failed: a sentence
    sha256: str = ""  # of the finished file
    host: str = ""  # where it is downloaded to

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Raises ValueError if it is none."""
        said = parsed(text, asdict(cls()))
        return cls(**{**said, "state": State(said["state"])})

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def seconds_left(self) -> float | None:
        if not (self.total and self.per_second):
            return None
        return max(0, self.total - self.done) / self.per_second


@dataclass(frozen=True)
class Fetch:
    """An order with all that is known about it."""

    order: Order
    progress: Progress = Progress()
    wanted: Wanted = Wanted.GO
    home: str = ""  # the folder it belongs to; "" until a worker has taken it
    is_held: bool = False  # by a live worker

    @property
    def state(self) -> State:
        if self.wanted is Wanted.STOP and not self.is_held and not self.progress.state.is_over:
            return State.STOPPED  # before a worker had taken it, or while its worker is gone
        return self.progress.state

    @property
    def is_cut_off(self) -> bool:
        """Whether it waits for the worker that has begun it."""
        return bool(self.home) and not self.is_held and not self.state.is_over


def place(connection: redis.Redis, order: Order, home: str = "") -> None:
    """Place an order with the workers of one folder (`Heartbeat.fetches_to`), or with all."""
    _tidy(connection)
    first: dict[Any, Any] = {
        "order": json.dumps(asdict(order)),
        "wanted": Wanted.GO.value,
        "home": home,
    }
    with connection.pipeline() as pipe:
        pipe.hset(key_of(order.id), mapping=first)
        pipe.expire(key_of(order.id), FETCHING.kept_s)
        pipe.sadd(_IDS, order.id)
        pipe.execute()


def look_up(connection: redis.Redis, order_id: str) -> Fetch | None:
    return next(iter(_look_up(connection, [order_id])), None)


def all_fetches(connection: redis.Redis) -> list[Fetch]:
    """The oldest first."""
    return sorted(_look_up(connection, _ids(connection)), key=lambda fetch: fetch.order.placed)


def stop(connection: redis.Redis, order_id: str) -> None:
    """Stop it; what has arrived is kept, and `resume` goes on from there."""
    _want(connection, order_id, Wanted.STOP)


def resume(connection: redis.Redis, order_id: str) -> None:
    with connection.pipeline() as pipe:
        pipe.delete(beside(order_id, Beside.PROGRESS))
        pipe.hdel(key_of(order_id), "progress")  # of a worker of the release before
        pipe.execute()
    _want(connection, order_id, Wanted.GO)


def discard(connection: redis.Redis, order_id: str) -> None:
    """Delete what has arrived, and forget the order."""
    fetch = look_up(connection, order_id)
    if fetch is not None and not fetch.home:
        return forget(connection, order_id)
    return _want(connection, order_id, Wanted.DISCARD)


def forget(connection: redis.Redis, order_id: str) -> None:
    said = [beside(order_id, what) for what in Beside]
    connection.delete(key_of(order_id), _old_lease(order_id), *said)
    connection.srem(_IDS, order_id)


def _want(connection: redis.Redis, order_id: str, wanted: Wanted) -> None:
    with connection.pipeline() as pipe:
        pipe.hset(key_of(order_id), "wanted", wanted.value)
        pipe.expire(key_of(order_id), FETCHING.kept_s)
        pipe.execute()


def _tidy(connection: redis.Redis) -> None:
    """Forget orders that workers have discarded, and those that have expired."""
    ids = _ids(connection)
    for gone in set(ids) - {fetch.order.id for fetch in _look_up(connection, ids)}:
        forget(connection, gone)


def key_of(order_id: str) -> str:
    return _PREFIX + order_id


def beside(order_id: str, what: Beside) -> str:
    return f"{_BESIDE}{order_id}:{what}"


def _old_lease(order_id: str) -> str:
    """Of a worker of the release before."""
    return f"{_PREFIX}{order_id}:lease"


def _ids(connection: redis.Redis) -> list[str]:
    members: Any = connection.smembers(_IDS)
    return [as_text(each) for each in members]


def _look_up(connection: redis.Redis, ids: Sequence[str]) -> list[Fetch]:
    with connection.pipeline(transaction=False) as pipe:
        for order_id in ids:
            pipe.hgetall(key_of(order_id))
            # MGET, as it says nothing of a key whose type is wrong.
            pipe.mget([*(beside(order_id, what) for what in Beside), _old_lease(order_id)])
        found = pipe.execute() if ids else []
    rows = zip(found[::2], found[1::2], strict=True)
    fetches = (_fetch(placed, *said) for placed, said in rows if b"order" in placed)
    return [fetch for fetch in fetches if fetch is not None]


def _fetch(
    placed: dict[bytes, bytes], home: bytes | None, progress: bytes | None,
    discarded: bytes | None, *leases: bytes | None,
) -> Fetch | None:  # fmt: skip
    """None if it has been discarded. A worker of the release before reports in `placed`."""
    wanted = Wanted(as_text(placed.get(b"wanted", Wanted.GO.value)))
    if wanted is Wanted.DISCARD and discarded:
        return None
    return Fetch(
        Order.parse(placed[b"order"]),
        _progress(progress or placed.get(b"progress")),
        wanted,
        as_text(placed.get(b"home") or home),  # where the site wants it counts more
        any(leases),
    )


def _progress(said: bytes | None) -> Progress:
    try:
        return Progress.parse(said) if said else Progress()
    except (ValueError, KeyError):  # no worker of ours has written it
        return Progress()


def as_text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value or "")
