from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis
import redis.asyncio
from django.conf import settings

from inference.contract import streams
from inference.contract.limits import STREAMS
from inference.contract.streams import Entry, Kind, Line, StreamWriter


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture
def stream(connection: redis.Redis) -> str:
    name = str(uuid.uuid4())
    streams.begin_attempt(connection, name, 1)
    return name


def said(connection: redis.Redis, stream: str) -> list[tuple[int, Kind, str]]:
    return [(e.attempt, e.kind, e.text) for e in streams.all_entries(connection, stream)]


def test_stream_keeps_what_was_written_in_order(connection: redis.Redis, stream: str) -> None:
    writer = StreamWriter(connection, stream, 1)
    assert writer.write(Kind.BEAT)
    assert writer.write(Kind.TEXT, "Grüße, 世界 👋")
    assert writer.write(Kind.END, "stop")
    assert said(connection, stream) == [
        (1, Kind.BEAT, ""),
        (1, Kind.TEXT, "Grüße, 世界 👋"),
        (1, Kind.END, "stop"),
    ]
    last = streams.last_entry(connection, stream)
    assert last is not None
    assert last.kind is Kind.END


def test_only_the_current_attempt_may_write(connection: redis.Redis, stream: str) -> None:
    first, second = StreamWriter(connection, stream, 1), StreamWriter(connection, stream, 2)
    assert not second.write(Kind.TEXT, "too early")
    streams.begin_attempt(connection, stream, 2)
    assert not first.write(Kind.TEXT, "too late")
    assert second.write(Kind.TEXT, "now")
    assert said(connection, stream) == [(2, Kind.TEXT, "now")]


def test_line_that_cannot_be_written_spoils_no_other(connection: redis.Redis, stream: str) -> None:
    broken, odd = str(uuid.uuid4()), str(uuid.uuid4())
    streams.begin_attempt(connection, broken, 1)
    connection.set(streams.stream_key(broken), "no stream")
    connection.sadd(streams.attempt_key(odd), "no attempt")
    lines = [Line(name, 1, Kind.TEXT, "word") for name in (broken, odd, stream)]
    first, second, third = streams.append(connection, lines)
    assert isinstance(first, redis.ResponseError)
    assert isinstance(second, redis.ResponseError)
    assert "WRONGTYPE" in str(first)
    assert third is True
    assert said(connection, stream) == [(1, Kind.TEXT, "word")]
    with pytest.raises(redis.ResponseError):
        StreamWriter(connection, broken, 1).write(Kind.BEAT)


def test_half_a_character_spoils_itself_alone(connection: redis.Redis, stream: str) -> None:
    lines = [Line(stream, 1, Kind.TEXT, "half \ud83d"), Line(stream, 1, Kind.END, "stop")]
    assert streams.append(connection, lines) == [True, True]
    assert said(connection, stream) == [(1, Kind.TEXT, "half ?"), (1, Kind.END, "stop")]


def test_entry_of_another_version_is_passed_over(connection: redis.Redis, stream: str) -> None:
    writer = StreamWriter(connection, stream, 1)
    writer.write(Kind.TEXT, "before")
    fields: dict[Any, Any] = {"attempt": 1, "kind": "mood", "text": "glad", "colour": "blue"}
    connection.xadd(streams.stream_key(stream), fields)
    writer.write(Kind.TEXT, "after")
    kinds = [entry.kind for entry in follow(stream, "0")]
    assert kinds == [Kind.TEXT, Kind.OTHER, Kind.TEXT]
    assert follow(stream, streams.all_entries(connection, stream)[1].id)[0].text == "after"


def test_stream_expires_after_its_answer(connection: redis.Redis, stream: str) -> None:
    StreamWriter(connection, stream, 1).write(Kind.TEXT, "x")
    for key in (streams.stream_key(stream), streams.attempt_key(stream)):
        assert 0 < connection.ttl(key) <= STREAMS.kept_s


def test_follower_gets_every_entry_once_from_where_it_was(
    connection: redis.Redis, stream: str
) -> None:
    writer = StreamWriter(connection, stream, 1)
    for word in "abc":
        writer.write(Kind.TEXT, word)
    entries = streams.all_entries(connection, stream)
    assert follow(stream, "0") == entries
    assert follow(stream, entries[0].id) == entries[1:]
    assert follow(stream, entries[-1].id) == []


def follow(stream: str, seen: str) -> list[Entry]:
    async def ask() -> list[Entry]:
        async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as client:
            return (await streams.follow(client, {stream: seen}, wait_ms=50)).get(stream, [])

    return asyncio.run(ask())
