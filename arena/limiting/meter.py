"""Counts what clients do, in Valkey, and refuses what is above a limit.

While Valkey is away, nothing is counted and nothing refused: votes go on. Prompts need it anyway.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import lru_cache
from math import ceil

from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.connection import ConnectionPool

from .. import broker
from . import words
from .clients import Client
from .rules import Scope, What, rules_of

PREFIX = "limits"
NOT_CHECKED = "limits were not checked"


def check(what: What, client: Client, *, kept: str = "") -> None:
    """Raises Refused if one more would be too many. `kept` says what becomes of what was sent."""
    with broker.spared(NOT_CHECKED):
        for scope, item, key in _applying(what, client):
            if not limiter().test(item, key):
                raise words.refusal(what, scope, item, wait_s(item, key), kept)


def count(what: What, client: Client, *, cost: int = 1) -> None:
    """Note that it was done; also beyond the limit, where as much is noted as there is room."""
    with broker.spared("what a voter did was not counted"):
        for _scope, item, key in _applying(what, client):
            for _ in range(cost):
                limiter().hit(item, key)


def charge(what: What, client: Client, *, kept: str = "") -> None:
    """Both at once, so that of many requests at the same moment no more than allowed pass."""
    check(what, client, kept=kept)
    with broker.spared(NOT_CHECKED):
        for scope, item, key in _applying(what, client):
            if not limiter().hit(item, key):
                raise words.refusal(what, scope, item, wait_s(item, key), kept)


def _applying(what: What, client: Client) -> Iterator[tuple[Scope, RateLimitItem, str]]:
    for scope in Scope:
        if key := client.key(scope):
            for item in rules_of(what, scope):
                yield scope, item, f"{scope}:{key}"


def left(item: RateLimitItem, key: str) -> int:
    """How many more are allowed. Raises RedisError."""
    return limiter().get_window_stats(item, key).remaining


def wait_s(item: RateLimitItem, *key: str) -> int:
    """How long until there is room for one more. Raises RedisError."""
    reset = limiter().get_window_stats(item, *key).reset_time
    return max(1, ceil(reset - time.time()))


def limiter() -> MovingWindowRateLimiter:
    return _limiter_on(broker.connection().connection_pool)


@lru_cache(maxsize=1)
def _limiter_on(pool: ConnectionPool) -> MovingWindowRateLimiter:
    # The pool of the arena's own connection, which never hangs; of the address only the scheme is
    # read.
    storage = RedisStorage("redis://", connection_pool=pool, key_prefix=PREFIX)
    return MovingWindowRateLimiter(storage)
