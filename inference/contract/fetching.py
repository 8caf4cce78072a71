"""Downloads of weights by model workers: orders, their progress, and what is wanted of them.

The site places an order in Redis; a worker that may add weights to its folder takes it. The order
stays with that worker's folder, where the partial file is, so that it goes on after a restart. Only
a worker that holds the order's lease works on it, even where several share a folder.
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

from .limits import FETCHING
from .requests import encoded, known

_PREFIX = "fetch:"
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
        said = known(cls, json.loads(text))
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
    first: dict[Any, Any] = {
        "order": json.dumps(asdict(order)),
        "wanted": Wanted.GO.value,
        "home": home,
    }
    with connection.pipeline() as pipe:
        pipe.hset(_key(order.id), mapping=first)
        pipe.expire(_key(order.id), FETCHING.kept_s)
        pipe.sadd(_IDS, order.id)
        pipe.execute()


def look_up(connection: redis.Redis, order_id: str) -> Fetch | None:
    return next(iter(_look_up(connection, [order_id])), None)


def all_fetches(connection: redis.Redis) -> list[Fetch]:
    """The oldest first."""
    members: Any = connection.smembers(_IDS)
    ids = [each.decode() if isinstance(each, bytes) else each for each in members]
    found = _look_up(connection, ids)
    if gone := set(ids) - {fetch.order.id for fetch in found}:
        connection.srem(_IDS, *gone)
    return sorted(found, key=lambda fetch: fetch.order.placed)


def stop(connection: redis.Redis, order_id: str) -> None:
    """Stop it; what has arrived is kept, and `resume` goes on from there."""
    _want(connection, order_id, Wanted.STOP)


def resume(connection: redis.Redis, order_id: str) -> None:
    with connection.pipeline() as pipe:
        pipe.hdel(_key(order_id), "progress")
        pipe.execute()
    _want(connection, order_id, Wanted.GO)


def discard(connection: redis.Redis, order_id: str) -> None:
    """Delete what has arrived, and forget the order."""
    fetch = look_up(connection, order_id)
    if fetch is not None and not fetch.home:
        return forget(connection, order_id)
    return _want(connection, order_id, Wanted.DISCARD)


# Only the worker calls these.


def hold(connection: redis.Redis, fetch: Fetch, home: str, worker: str) -> bool:
    """Take an order for `home`, or take it up again. True for one worker only."""
    key = _key(fetch.order.id)
    if not connection.set(_lease(fetch.order.id), worker, nx=True, ex=FETCHING.lease_s):
        return False
    taken_to = _text(connection.hget(key, "home"))  # read again, now that nobody else changes it
    if not taken_to:
        connection.hset(key, "home", home)
    if taken_to in ("", home):
        return True
    let_go(connection, fetch.order.id, worker)
    return False


def let_go(connection: redis.Redis, order_id: str, worker: str) -> None:
    if _is_holder(connection, order_id, worker):
        connection.delete(_lease(order_id))


def report(connection: redis.Redis, order_id: str, progress: Progress, worker: str) -> Wanted:
    """Publish progress and keep the lease. Returns what is wanted now: to stop, also if another
    worker has taken the order over, because this one had not been heard from."""
    if not _is_holder(connection, order_id, worker):
        return Wanted.STOP
    key = _key(order_id)
    with connection.pipeline() as pipe:
        pipe.hget(key, "wanted")
        pipe.set(_lease(order_id), worker, ex=FETCHING.lease_s)
        pipe.hset(key, "progress", encoded(asdict(progress)))
        pipe.expire(key, FETCHING.kept_s)
        wanted, *_ = pipe.execute()
    return Wanted(_text(wanted)) if wanted else Wanted.DISCARD


def _is_holder(connection: redis.Redis, order_id: str, worker: str) -> bool:
    """Also if its lease has run out and nobody else has taken it."""
    return _text(connection.get(_lease(order_id))) in ("", worker)


def forget(connection: redis.Redis, order_id: str) -> None:
    connection.delete(_key(order_id), _lease(order_id))
    connection.srem(_IDS, order_id)


def _want(connection: redis.Redis, order_id: str, wanted: Wanted) -> None:
    connection.hset(_key(order_id), "wanted", wanted.value)


def _look_up(connection: redis.Redis, ids: Sequence[str]) -> list[Fetch]:
    with connection.pipeline(transaction=False) as pipe:
        for order_id in ids:
            pipe.hgetall(_key(order_id))
            pipe.exists(_lease(order_id))
        found = pipe.execute() if ids else []
    rows = zip(found[::2], found[1::2], strict=True)
    return [_fetch(fields, held) for fields, held in rows if b"order" in fields]


def _fetch(fields: dict[bytes, bytes], held: int) -> Fetch:
    said = fields.get(b"progress")
    return Fetch(
        Order.parse(fields[b"order"]),
        Progress.parse(said) if said else Progress(),
        Wanted(_text(fields.get(b"wanted", Wanted.GO.value))),
        _text(fields.get(b"home", "")),
        bool(held),
    )


def _key(order_id: str) -> str:
    return _PREFIX + order_id


def _lease(order_id: str) -> str:
    return f"{_PREFIX}{order_id}:lease"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value or "")
