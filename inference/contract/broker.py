"""Connections to the broker that time out within seconds, never hang, and reconnect."""

from __future__ import annotations

import re

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from .limits import BROKER

# Errors of a server that is unavailable or accepts no writes at the moment.
_PASSING = (
    redis.ConnectionError,  # also while it loads its data
    redis.TimeoutError,
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.ReadOnlyError,
)
_PASSING_CODES = (
    "OOM", "NOREPLICAS", "MISCONF", "READONLY", "LOADING", "MASTERDOWN", "BUSY",
    "UNBLOCKED",  # it has just become a replica
)  # fmt: skip
# Between the command, of a pipeline or a transaction, and what the server said.
_WITHIN = re.compile(r".*(of pipeline caused error: |discarded because of: )", re.DOTALL)


def connect(url: str) -> redis.Redis:
    """A client that retries once, immediately, for a pooled connection that has died, but not after
    a timeout. redis-py's default would retry for ten seconds."""
    again = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    return redis.Redis.from_url(
        url, socket_connect_timeout=BROKER.connect_s, socket_timeout=BROKER.reply_s, retry=again
    )


def is_passing(error: Exception) -> bool:
    """Whether a retry may succeed: the broker is unavailable, full or short of replicas."""
    if isinstance(error, redis.ResponseError):
        said = _WITHIN.sub("", str(error)).lstrip("-('")  # a tuple, if of asyncio
        return isinstance(error, _PASSING) or said.startswith(_PASSING_CODES)
    return isinstance(error, _PASSING)
