"""Many watchers, one reader: with the real Valkey."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest
import redis
from django.conf import settings

from arena.streaming.tails import Tails, Watch
from inference.contract import streams
from inference.contract.streams import Kind, Line


@pytest.fixture
def say() -> Callable[[str, str], None]:
    connection = redis.Redis.from_url(settings.REDIS_URL)

    def append(stream: str, text: str) -> None:
        streams.begin_attempt(connection, stream, 1)
        assert streams.append(connection, [Line(stream, 1, Kind.TEXT, text)]) == [True]

    return append


Say = Callable[[str, str], None]


async def heard(watch: Watch, count: int, within: float = 2.0) -> list[tuple[str, str]]:
    until = time.monotonic() + within
    found: list[tuple[str, str]] = []
    while len(found) < count and time.monotonic() < until:
        await watch.wait(0.1)
        found += [(stream, entry.text) for stream, entry in watch.take()]
    return found


def run(work: Callable[[Tails], Coroutine[None, None, None]]) -> None:
    asyncio.run(work(Tails(settings.REDIS_URL)))


@asynccontextmanager
async def noisy(say: Say, stream: str) -> AsyncIterator[None]:
    """Another stream is watched and written to all the time."""
    done = asyncio.Event()

    async def speak() -> None:
        while not done.is_set():
            await asyncio.to_thread(say, stream, "noise")
            await asyncio.sleep(0.01)

    task = asyncio.create_task(speak())
    yield
    done.set()
    await task


def test_each_entry_reaches_each_watch_once_and_in_order(say: Say) -> None:
    one, other = str(uuid.uuid4()), str(uuid.uuid4())

    async def work(tails: Tails) -> None:
        say(one, "before")
        async with tails.watch([one, other]) as first:
            assert await heard(first, 1) == [(one, "before")]
            for n in range(20):
                say(other, str(n))
            async with tails.watch([other]) as second:  # joins late, and misses nothing
                say(other, "20")
                told = [(other, str(n)) for n in range(21)]
                assert await heard(first, 21) == told
                assert await heard(second, 21) == told
            assert list(first.take()) == []

    run(work)


def test_stream_with_nonsense_holds_up_no_other() -> None:
    """Whoever was given a stream may write anything there, or make something else of it."""
    connection = redis.Redis.from_url(settings.REDIS_URL)
    good, odd, none = (str(uuid.uuid4()) for _ in range(3))
    for stream in (good, odd):
        streams.begin_attempt(connection, stream, 1)
    connection.xadd(streams.stream_key(odd), {"kind": "text", "text": b"\xff", "attempt": "many"})
    connection.xadd(streams.stream_key(odd), {"no": "field of ours"})
    connection.set(streams.stream_key(none), "no stream", ex=60)

    async def work(tails: Tails) -> None:
        async with tails.watch([good, odd, none]) as watch:
            for text in ("a", "b"):
                streams.append(connection, [Line(good, 1, Kind.TEXT, text)])
            told = await heard(watch, 4)
            assert [text for stream, text in told if stream == good] == ["a", "b"]
            assert [text for stream, text in told if stream == odd] == ["", ""]

    run(work)


def test_new_watch_does_not_wait_for_the_reader_to_have_waited(say: Say) -> None:
    quiet = [str(uuid.uuid4()) for _ in range(7)]

    async def work(tails: Tails) -> None:
        async with tails.watch([quiet[0]]):
            waits = []
            for stream in quiet[1:]:
                say(stream, "here")
                await asyncio.sleep(0.05)  # the reader waits by now
                began = time.monotonic()
                async with tails.watch([stream]) as watch:
                    assert await heard(watch, 1) == [(stream, "here")]
                waits.append(time.monotonic() - began)
            assert min(waits) < 0.15

    run(work)


def test_stream_left_and_watched_again_is_told_from_its_beginning(say: Say) -> None:
    stream, noise = str(uuid.uuid4()), str(uuid.uuid4())

    async def work(tails: Tails) -> None:
        say(stream, "a")
        async with tails.watch([noise]), noisy(say, noise):
            for count in range(1, 30):
                async with tails.watch([stream]) as watch:
                    told = await heard(watch, count)
                    assert [text for _, text in told] == ["a"] + ["b"] * (count - 1)
                say(stream, "b")

    run(work)


def test_nothing_runs_while_nobody_watches_and_it_begins_again(say: Say) -> None:
    stream = str(uuid.uuid4())

    async def work(tails: Tails) -> None:
        for count in (1, 2):
            say(stream, "x")
            async with tails.watch([stream]) as watch:
                assert len(await heard(watch, count)) == count
            await asyncio.sleep(0.6)
            assert len(asyncio.all_tasks()) == 1

    run(work)


def test_entry_of_another_version_ends_no_watch(say: Say) -> None:
    other, stream = str(uuid.uuid4()), str(uuid.uuid4())

    async def work(tails: Tails) -> None:
        async with tails.watch([stream]) as watch, tails.watch([other]):
            with redis.Redis.from_url(settings.REDIS_URL) as connection:
                fields = {"attempt": 1, "kind": "mood", "text": "glad"}
                connection.xadd(streams.stream_key(other), fields)
            say(stream, "word")
            assert await heard(watch, 1) == [(stream, "word")]

    run(work)


def test_broker_that_is_gone_reaches_every_watch() -> None:
    async def watch_for_ever(tails: Tails) -> None:
        async with tails.watch(["a"]) as watch:
            while True:
                await watch.wait(30.0)

    async def work() -> None:
        tails = Tails("redis://127.0.0.1:1")
        both = [watch_for_ever(tails), watch_for_ever(tails)]
        failures = await asyncio.gather(*both, return_exceptions=True)
        failures += await asyncio.gather(watch_for_ever(tails), return_exceptions=True)
        assert [type(failure) for failure in failures] == [redis.ConnectionError] * 3

    asyncio.run(work())
