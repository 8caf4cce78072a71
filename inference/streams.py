"""Answers on their way to the browser: one Redis Stream an answer.

A stream can be replayed from any point, which a channel-layer group cannot: that is what makes a
reload, a second tab or a lost connection harmless. An entry belongs to an *attempt*; only the
current one may write, so a worker that was given up on falls silent by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import redis
import redis.asyncio

TTL_S = 3600  # a stream outlives its answer by this long
_PREFIX = "answer:"


class Kind(StrEnum):
    BEAT = "beat"  # still queued, or reading the prompt
    TEXT = "text"
    END = "end"  # its text is the finish reason
    STORED = "stored"  # the arena has written the answer down


@dataclass(frozen=True)
class Entry:
    id: str
    attempt: int
    kind: Kind
    text: str

    @classmethod
    def parse(cls, id_: bytes | str, fields: dict[Any, Any]) -> Self:
        plain = {_text(key): _text(value) for key, value in fields.items()}
        return cls(_text(id_), int(plain["attempt"]), Kind(plain["kind"]), plain["text"])

    @property
    def at(self) -> float:
        """When it was written, by Redis's clock [s since the epoch]."""
        return int(self.id.split("-")[0]) / 1000


def stream_key(stream: str) -> str:
    return _PREFIX + stream


def attempt_key(stream: str) -> str:
    return f"{_PREFIX}{stream}:attempt"


def begin_attempt(connection: redis.Redis, stream: str, attempt: int) -> None:
    """From now on only `attempt` may write to the stream."""
    connection.set(attempt_key(stream), attempt, ex=TTL_S)


def all_entries(connection: redis.Redis, stream: str) -> list[Entry]:
    return _parse(connection.xrange(stream_key(stream)))


def last_entry(connection: redis.Redis, stream: str) -> Entry | None:
    return next(iter(_parse(connection.xrevrange(stream_key(stream), count=1))), None)


async def follow(
    connection: redis.asyncio.Redis, seen: dict[str, str], wait_ms: int | None
) -> dict[str, list[Entry]]:
    """The entries of each stream after the last one `seen` ("0": from the beginning), waiting up
    to `wait_ms` for the first; None: not at all."""
    ids: Any = {stream_key(stream): last for stream, last in seen.items()}
    answer: Any = await connection.xread(ids, block=wait_ms)
    return {_text(key).removeprefix(_PREFIX): _parse(rows) for key, rows in answer}


def _parse(rows: Any) -> list[Entry]:  # redis-py's own types leave open what a row is
    return [Entry.parse(id_, fields) for id_, fields in rows]


class StreamWriter:
    """Appends to one answer's stream for as long as its attempt is the current one."""

    # One step on the server: between asking and writing no other attempt can begin.
    _SCRIPT = """
        if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
        redis.call('XADD', KEYS[1], '*', 'attempt', ARGV[1], 'kind', ARGV[2], 'text', ARGV[3])
        redis.call('EXPIRE', KEYS[1], ARGV[4])
        return 1
    """

    def __init__(self, connection: redis.Redis, stream: str, attempt: int) -> None:
        self._append = connection.register_script(self._SCRIPT)
        self._keys = [stream_key(stream), attempt_key(stream)]
        self._attempt = attempt

    def write(self, kind: Kind, text: str = "") -> bool:
        """False when the attempt is no longer wanted: stop working on it."""
        return bool(self._append(keys=self._keys, args=[self._attempt, kind.value, text, TTL_S]))


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
