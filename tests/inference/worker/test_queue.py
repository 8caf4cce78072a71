"""Workers that look at one queue at the same moment."""

from __future__ import annotations

import uuid

import pytest
import redis

from inference.contract import streams, waiting
from inference.contract.requests import GenerateRequest
from inference.contract.waiting import Waiting
from inference.worker import queue

from .test_command import connection

__all__ = ["connection"]


def asked(connection: redis.Redis) -> GenerateRequest:
    """A request that waits. Its place is in nobody's hands yet."""
    messages = [{"role": "user", "content": "Hello"}]
    request = GenerateRequest(str(uuid.uuid4()), 1, f"of-{uuid.uuid4()}", messages)
    return offered(connection, request)


def offered(connection: redis.Redis, request: GenerateRequest) -> GenerateRequest:
    streams.begin_attempt(connection, request.stream, 1)
    waiting.offer(connection, request)
    return request


def test_no_place_is_given_up_while_something_waits(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one worker looks, another answers what it sees in the place of one that has come since:
    an answer then waited, with slots free, until the watchdog asked for it again."""
    first = asked(connection)
    second = GenerateRequest(str(uuid.uuid4()), 1, first.weights, first.messages)
    one, other = queue.Queue(connection), queue.Queue(connection)
    take = waiting.take
    answered = []

    def take_late(connection: redis.Redis, service: str, wanted: Waiting) -> GenerateRequest | None:
        monkeypatch.setattr(queue, "take", take)
        with other.turn(offered(connection, second)) as found:
            answered.append(found)
        return take(connection, service, wanted)

    monkeypatch.setattr(queue, "take", take_late)
    with one.turn(first) as found:
        answered.append(found)
    assert [each and each.stream for each in answered] == [first.stream, second.stream]
    with one.turn(first) as found:
        assert found is None
