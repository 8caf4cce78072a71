"""Which workers are alive and what they serve: one heartbeat per worker in Redis.

A contestant is *in service* when a live worker serves it, that is, holds its weights or its API
key.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import redis

from . import loops
from .kinds import parsed
from .limits import PRESENCE
from .requests import is_remote

_PREFIX = "worker:"
_NAMES = "workers"  # a set: a scan for keys by prefix would visit all streams too
_SEEN = "seen:"  # what a worker served, kept for a day after its last heartbeat
_SEEN_NAMES = "workers-seen"

MOST_NAMED = 64  # bad heartbeats that a process complains of

logger = logging.getLogger(__name__)
_named: set[tuple[str, str]] = set()


@dataclass(frozen=True)
class Heartbeat:
    """The state that a worker publishes."""

    worker: str
    serves: tuple[str, ...]  # names of weights, and services of `requests.key_service`
    slots: int  # answers at a time, per weights
    remote_slots: int = 0  # answers at a time, per API key
    context: int = 0  # maximum tokens of a prompt with its answer; 0 if unknown
    load: dict[str, int] = field(default_factory=dict)  # answers being generated, by service
    queued: dict[str, int] = field(default_factory=dict)  # that wait inside it, by service
    tokens_per_second: float = 0.0
    ram_bytes: int = 0
    key_hosts: dict[str, list[str]] = field(default_factory=dict)  # by the variable of the key
    bare: tuple[str, ...] = ()  # weights without a chat template that works
    fetches_to: str = ""  # the host and folder it downloads weights to; "" if it does not
    free_bytes: int = 0  # of that folder's disk
    ram_limit: int = 0  # bytes that its weights may take; 0 if unknown
    sent_keys: tuple[str, ...] = ()  # those of `key_hosts` that the site has sent
    hardware: str = ""  # what decodes, in words
    unsealed: str = ""  # why it cannot open what the site sends, as a sentence

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Parse a worker's heartbeat. Unknown fields, from a newer version, are ignored. Raises
        ValueError if it is none."""
        said = parsed(text, _USUAL)
        lists = {name: tuple(said.get(name, ())) for name in ("serves", "bare", "sent_keys")}
        return cls(**{**said, **lists})

    def slots_for(self, service: str) -> int:
        return self.remote_slots if is_remote(service) else self.slots

    def free(self, service: str) -> int:
        """The free slots of a service."""
        return max(0, self.slots_for(service) - self.load.get(service, 0))

    @property
    def running(self) -> int:
        return sum(self.load.values())

    @property
    def waiting(self) -> int:
        return sum(self.queued.values())

    @property
    def free_slots(self) -> int:
        return sum(self.free(service) for service in self.serves)


_USUAL = asdict(Heartbeat("", (), 0))


def publish(connection: redis.Redis, heartbeat: Heartbeat) -> None:
    with connection.pipeline() as pipeline:
        pipeline.set(_PREFIX + heartbeat.worker, json.dumps(asdict(heartbeat)), ex=PRESENCE.kept_s)
        pipeline.sadd(_NAMES, heartbeat.worker)
        pipeline.set(_SEEN + heartbeat.worker, json.dumps(heartbeat.serves), ex=PRESENCE.seen_s)
        pipeline.sadd(_SEEN_NAMES, heartbeat.worker)
        pipeline.execute()


def withdraw(connection: redis.Redis, heartbeat: Heartbeat) -> None:
    connection.delete(_PREFIX + heartbeat.worker)
    connection.srem(_NAMES, heartbeat.worker)


def live_workers(connection: redis.Redis) -> list[Heartbeat]:
    names = _names(connection, _NAMES)
    found = connection.mget([_PREFIX + name for name in names]) if names else []
    beats = dict(zip(names, found, strict=True))
    if dead := [name for name, beat in beats.items() if beat is None]:
        connection.srem(_NAMES, *dead)  # if alive, it adds itself again
    read = [_read(name, beat) for name, beat in beats.items() if beat is not None]
    return [beat for beat in read if beat is not None]


def _names(connection: redis.Redis, key: str) -> list[str]:
    members: Any = connection.smembers(key)
    return sorted(each.decode(errors="replace") for each in members)


def _read(worker: str, text: bytes | str) -> Heartbeat | None:
    """None for one that no worker of ours has written: it must not spoil the others."""
    try:
        return Heartbeat.parse(text)
    except (ValueError, TypeError) as error:
        _complain(worker, str(error))
        return None


def _complain(worker: str, why: str) -> None:
    """Once, as heartbeats are read many times a second, and of so many, as whoever writes them also
    chooses their names."""
    if (worker, why) not in _named and len(_named) < MOST_NAMED:
        _named.add((worker, why))
        logger.warning("the heartbeat of %s is ignored: %s", worker[:100], why)


@dataclass(frozen=True)
class Sighting:
    """The last heartbeat of a worker, which may be gone by now."""

    worker: str
    ago_s: int


def last_seen(connection: redis.Redis) -> dict[str, Sighting]:
    """Which worker was the last to serve each service, within a day, and when. Ages are told by
    the time that its entry has left, so no clock of a host matters."""
    names = _names(connection, _SEEN_NAMES)
    with connection.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.mget([_SEEN + name])  # nothing, if it has another type
            pipe.ttl(_SEEN + name)
        found = pipe.execute()
    served, left = dict(zip(names, (one for [one] in found[::2]), strict=True)), found[1::2]
    if over := [name for name, services in served.items() if services is None]:
        connection.srem(_SEEN_NAMES, *over)
    seen: dict[str, Sighting] = {}
    for (name, services), ttl in sorted(zip(served.items(), left, strict=True), key=lambda x: x[1]):
        sighting = Sighting(name, max(0, PRESENCE.seen_s - ttl))
        seen |= dict.fromkeys(_services(name, services or b"[]"), sighting)
    return seen


def _services(worker: str, text: bytes) -> tuple[str, ...]:
    said = _read(worker, b'{"worker": "", "slots": 0, "serves": %b}' % text)
    return said.serves if said else ()


def resident_bytes() -> int:
    """The resident memory of this process; 0 where the system does not report it."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


class Pulse(threading.Thread):
    """Publishes the heartbeat that `describe` returns every second, until stopped."""

    def __init__(self, connection: redis.Redis, describe: Callable[[], Heartbeat]) -> None:
        super().__init__(name="pulse", daemon=True)
        self.each: Callable[[], None] = lambda: None  # called before every heartbeat
        self._connection = connection
        self._describe = describe
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            loops.turn(self.name)
            self.each()
            self._tell(publish, self._describe())
            self._stopped.wait(PRESENCE.beat_s)

    def stop(self) -> None:
        """Stop, and withdraw the heartbeat if the thread had been started."""
        self._stopped.set()
        if self.is_alive():
            self.join(timeout=2)
            loops.leave(self.name)
            self._tell(withdraw, self._describe())

    def _tell(self, what: Callable[[redis.Redis, Heartbeat], None], heartbeat: Heartbeat) -> None:
        try:
            what(self._connection, heartbeat)
        except redis.RedisError as error:  # broker unavailable: log it and keep trying
            logger.warning("heartbeat not published: %s", error)
