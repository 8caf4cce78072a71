"""Answers on their way to the browser: one Redis Stream per answer.

Unlike a channel-layer group, a stream can be replayed from any point: that makes a reload, a second
tab or a lost connection harmless. An entry belongs to an *attempt*; only the current attempt may
write, so a stale worker can do no harm and stops by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple, Self

import redis
import redis.asyncio

from .limits import STREAMS

_PREFIX = "answer:"


class Kind(StrEnum):
    BEAT = "beat"  # still queued, or reading the prompt; the first one's text is its request's id
    TEXT = "text"
    GOES_ON = "goes on"  # this attempt's text begins with so many characters that are known
    END = "end"  # its text is the finish reason
    STORED = "stored"  # the arena has stored the answer
    STOPPED = "stopped"  # the answers were stopped; its text is the number of words shown of each
    OTHER = "other"  # from another version: ignored

    @classmethod
    def _missing_(cls, value: object) -> Self:
        return cls.OTHER


class Entry(NamedTuple):
    id: str
    attempt: int
    kind: Kind
    text: str
    number: int = 0  # of its line; 0 if its writer does not count them

    @classmethod
    def parse(cls, id_: bytes, fields: dict[bytes, bytes]) -> Self:
        """Whoever was given a stream may write anything there: readers of others must not fail."""
        try:
            kind, text = Kind(fields[b"kind"].decode()), fields[b"text"].decode()
            number = int(fields.get(b"n", 0))
            return cls(id_.decode(), int(fields[b"attempt"]), kind, text, number)
        except (KeyError, ValueError):
            return cls(id_.decode(), 0, Kind.OTHER, "")

    @property
    def at(self) -> float:
        """When it was written, by Redis's clock [s since the epoch]."""
        return int(self.id.split("-")[0]) / 1000


def stream_key(stream: str) -> str:
    return _PREFIX + stream


def attempt_key(stream: str) -> str:
    return f"{_PREFIX}{stream}:attempt"


def request_key(stream: str) -> str:
    """Where its request is, while it waits for a slot (`waiting`)."""
    return f"{_PREFIX}{stream}:request"


def _queued_key(stream: str) -> str:
    return f"{_PREFIX}{stream}:queued"


_BEGIN = """
    local now = redis.call('TIME')
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[1])
    redis.call('SET', KEYS[2], string.format('%s.%06d', now[1], now[2]), 'EX', ARGV[1])
"""


def begin_attempt(connection: redis.Redis, stream: str, attempt: int) -> None:
    """Make `attempt` the only one that may write to the stream, and store the broker's time."""
    connection.eval(_BEGIN, 2, attempt_key(stream), _queued_key(stream), STREAMS.kept_s, attempt)


def waited_s(connection: redis.Redis, stream: str) -> float | None:
    """Seconds since the current attempt was queued; None if the broker has lost it. Both times are
    by the broker's clock, so clock skew between hosts does not matter."""
    with connection.pipeline(transaction=False) as pipe:
        pipe.time()
        pipe.mget([_queued_key(stream)])  # nothing, if it has another type
        (seconds, microseconds), [queued] = pipe.execute()
    try:
        return None if queued is None else max(0.0, seconds + microseconds / 1e6 - float(queued))
    except ValueError:
        return None


def claim_attempt(connection: redis.Redis, stream: str, attempt: int) -> bool:
    """Claim an attempt. True for one caller only: a queue may deliver a task twice, for example
    after a lost connection, and two workers on one attempt would interleave their text."""
    key = f"{attempt_key(stream)}:{attempt}"
    return bool(connection.set(key, 1, nx=True, ex=STREAMS.kept_s))


def all_entries(connection: redis.Redis, stream: str) -> list[Entry]:
    return _parse(_rows(lambda: connection.xrange(stream_key(stream))))


def until_end(connection: redis.Redis, stream: str, wait_s: float) -> list[Entry] | None:
    """All entries once the stream has ended, waiting for that; None if it takes longer."""
    until, found = time.monotonic() + wait_s, list[Entry]()
    while (left_s := until - time.monotonic()) > 0:
        seen: Any = {stream_key(stream): found[-1].id if found else "0"}
        answer = _rows(partial(connection.xread, seen, block=max(1, int(left_s * 1000))))
        for _, rows in answer:
            found += _parse(rows)
        if found and found[-1].kind is Kind.END:
            return found
    return None


def last_entry(connection: redis.Redis, stream: str) -> Entry | None:
    rows = _rows(lambda: connection.xrevrange(stream_key(stream), count=1))
    return next(iter(_parse(rows)), None)


async def follow(
    connection: redis.asyncio.Redis, seen: dict[str, str], wait_ms: int
) -> dict[str, list[Entry]]:
    """The entries of each stream after the last one `seen` ("0": from the beginning), waiting up
    to `wait_ms` for the first."""
    ids: Any = {stream_key(stream): last for stream, last in seen.items()}
    try:
        answer: Any = await connection.xread(ids, block=wait_ms)
    except redis.ResponseError as error:
        if not _is_odd(error):
            raise
        answer = await connection.xread(await _streams_of(connection, ids), block=wait_ms)
    return {key.decode().removeprefix(_PREFIX): _parse(rows) for key, rows in answer}


async def _streams_of(connection: redis.asyncio.Redis, ids: dict[str, str]) -> Any:
    """Without keys that somebody has made something else of."""
    async with connection.pipeline(transaction=False) as pipe:
        for key in ids:
            pipe.type(key)
        types = await pipe.execute()
    found = zip(ids.items(), types, strict=True)
    return dict(item for item, type_ in found if type_ in (b"stream", b"none"))


def _rows(read: Callable[[], Any]) -> Any:
    """None, if somebody has made something else of the key."""
    try:
        return read()
    except redis.ResponseError as error:
        if not _is_odd(error):
            raise
        return []


def _is_odd(error: redis.ResponseError) -> bool:
    return str(error).startswith("WRONGTYPE")


async def nudge(connection: redis.asyncio.Redis, stream: str) -> None:
    """Wake the reader that follows `stream`, which has no other use."""
    async with connection.pipeline() as pipeline:
        fields: Any = {"attempt": 0, "kind": Kind.BEAT.value, "text": ""}
        pipeline.xadd(stream_key(stream), fields, maxlen=1, approximate=False)
        pipeline.expire(stream_key(stream), STREAMS.kept_s)
        await pipeline.execute()


def _parse(rows: Any) -> list[Entry]:  # redis-py's types do not say what a row is
    return [Entry.parse(id_, fields) for id_, fields in rows]


@dataclass(frozen=True)
class Line:
    """A line of an attempt, before it becomes a stream entry."""

    stream: str
    attempt: int
    kind: Kind
    text: str = ""
    number: int = 0  # from 1 within an attempt, to detect duplicates; 0: none


# Atomic on the server: no other attempt can begin between the check and the write. An error in one
# line does not prevent the others from being written.
_APPEND = """
    local written = {}
    for i = 1, #KEYS / 2 do
        local stream, attempt, said = KEYS[2 * i - 1], KEYS[2 * i], 4 * i - 2
        local current = redis.pcall('GET', attempt)
        if current == ARGV[said] then
            local id = redis.pcall('XADD', stream, '*',
                'attempt', ARGV[said], 'kind', ARGV[said + 1], 'text', ARGV[said + 2],
                'n', ARGV[said + 3])
            written[i] = type(id) == 'table' and id.err or 1
            redis.pcall('EXPIRE', stream, ARGV[1])
        else
            written[i] = type(current) == 'table' and current.err or 0
        end
    end
    return written
"""

Written = bool | redis.ResponseError


def append(connection: redis.Redis, lines: Sequence[Line]) -> list[Written]:
    """Write to any number of streams at once. Returns for each line: True if it was written; False
    if its attempt is stale and should stop; or the server's error."""
    keys = [key for line in lines for key in (stream_key(line.stream), attempt_key(line.stream))]
    said = [
        word
        for line in lines
        for word in (line.attempt, line.kind.value, _bytes(line.text), line.number)
    ]
    written: Any = connection.eval(_APPEND, len(keys), *keys, STREAMS.kept_s, *said)
    return [_written(each) for each in written]


def _bytes(text: str) -> bytes:
    # Backends send clean text. If one does not, only the lone surrogate is lost.
    return text.encode(errors="replace")


def _written(reply: int | bytes) -> Written:
    return redis.ResponseError(reply.decode()) if isinstance(reply, bytes) else bool(reply)


class StreamWriter:
    """Appends to one answer's stream while its attempt is the current one."""

    def __init__(self, connection: redis.Redis, stream: str, attempt: int) -> None:
        self._connection = connection
        self._stream = stream
        self._attempt = attempt

    def write(self, kind: Kind, text: str = "") -> bool:
        """False if the attempt is stale. Raises RedisError."""
        (written,) = append(self._connection, [Line(self._stream, self._attempt, kind, text)])
        if isinstance(written, redis.ResponseError):
            raise written
        return written
