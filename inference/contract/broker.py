"""Connections to the broker that fail within seconds, never hang, and come back by themselves."""

from __future__ import annotations

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_S = 2.0
ANSWER_S = 3.0  # then it is frozen, or the network is

# What a server says that is there but takes nothing at the moment.
_PASSING = (
    redis.ConnectionError,  # also while it loads its data
    redis.TimeoutError,
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.ReadOnlyError,
)
_PASSING_CODES = ("OOM", "NOREPLICAS", "MISCONF", "READONLY", "LOADING", "MASTERDOWN", "BUSY")


def connect(url: str) -> redis.Redis:
    """One try more, at once, for a connection that has died in the pool; a broker that does not
    answer is not asked again. redis-py's own way is ten seconds of trying."""
    again = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    return redis.Redis.from_url(
        url, socket_connect_timeout=CONNECT_S, socket_timeout=ANSWER_S, retry=again
    )


def is_passing(error: Exception) -> bool:
    """Whether the same command may succeed later: the broker is away, full or short of replicas."""
    if isinstance(error, redis.ResponseError):
        return isinstance(error, _PASSING) or str(error).lstrip("-").startswith(_PASSING_CODES)
    return isinstance(error, _PASSING)
