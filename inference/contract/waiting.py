"""Which requests wait for a service: whoever has a free slot begins the one whose turn it is.

A task in a queue is a place for one answer, not for a certain one: it says that one more request
waits. As each request has a task of its own, there are never fewer places than requests that wait,
whatever becomes of a worker.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import redis

from .limits import STREAMS
from .requests import GenerateRequest
from .streams import claim_attempt, request_key

_PREFIX = "waiting:"


class Waiting(NamedTuple):
    stream: str
    client: str

    @classmethod
    def parse(cls, member: bytes) -> Waiting:
        stream, _, client = member.decode(errors="replace").partition(" ")
        return cls(stream, client)

    @property
    def member(self) -> str:
        return f"{self.stream} {self.client}"


# In order of arrival, by the broker's clock.
_OFFER = """
    local now = redis.call('TIME')
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[1])
    redis.call('ZADD', KEYS[2], now[1] + now[2] / 1e6, ARGV[3])
    redis.call('EXPIRE', KEYS[2], ARGV[1])
"""
_TAKE = """
    local request = redis.call('ZREM', KEYS[2], ARGV[1]) == 1 and redis.call('GET', KEYS[1])
    redis.call('DEL', KEYS[1])
    return request
"""


def offer(connection: redis.Redis, request: GenerateRequest) -> None:
    """Have `request` wait; its task is queued afterwards."""
    keys = request_key(request.stream), _PREFIX + request.service
    said = json.dumps(request.to_dict())
    member = Waiting(request.stream, request.client).member
    connection.eval(_OFFER, 2, *keys, STREAMS.kept_s, said, member)


def all_waiting(connection: redis.Redis, service: str) -> list[Waiting]:
    """In order of arrival."""
    members: Any = connection.zrange(_PREFIX + service, 0, -1)
    return [Waiting.parse(member) for member in members]


def take(connection: redis.Redis, service: str, one: Waiting) -> GenerateRequest | None:
    """Claim it. None if it does not wait any more."""
    keys = request_key(one.stream), _PREFIX + service
    said: Any = connection.eval(_TAKE, 2, *keys, one.member)
    if not said:
        return None
    request = GenerateRequest.from_dict(json.loads(said))
    return request if claim_attempt(connection, request.stream, request.attempt) else None
