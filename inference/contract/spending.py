"""The cost of models behind an API today (UTC), summed over all workers in Redis.

Before an answer begins, its maximum tokens are reserved; when it has ended, the count is corrected.
So concurrent answers cannot all pass a cap that has room for only one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import redis

from .requests import Endpoint

_FIELDS = ["tokens", "usd"]
KEPT_S = 3 * 24 * 3600


@dataclass(frozen=True)
class Spent:
    """The spending of one day."""

    tokens: int = 0
    usd: float = 0.0


def key_of(meter: str) -> str:
    return f"spent:{meter}:{datetime.now(UTC):%Y-%m-%d}"


def spent_today(connection: redis.Redis, meter: str) -> Spent:
    """Today's spending, including the reservations of answers under way."""
    [spent] = spent_by(connection, [meter])
    return spent


def spent_by(connection: redis.Redis, meters: Sequence[str]) -> list[Spent]:
    """The same for many meters, in one round trip."""
    with connection.pipeline(transaction=False) as pipe:
        for meter in meters:
            pipe.hmget(key_of(meter), _FIELDS)
        return [_spent(found) for found in pipe.execute(raise_on_error=False)]


def add(
    connection: redis.Redis, endpoint: Endpoint, prompt_tokens: int, answered: int, key: str = ""
) -> Spent:
    """Add tokens, under today's key unless `key` is given. Returns the spending before that."""
    key = key or key_of(endpoint.meter)
    tokens, usd = prompt_tokens + answered, endpoint.price(prompt_tokens, answered)
    with connection.pipeline(transaction=True) as pipe:
        pipe.hmget(key, _FIELDS)
        pipe.hincrby(key, "tokens", tokens)
        pipe.hincrbyfloat(key, "usd", usd)
        pipe.expire(key, KEPT_S)
        before, *_ = pipe.execute()
    return _spent(before)


def _spent(found: Sequence[Any] | redis.ResponseError) -> Spent:
    """Nothing, if it is nonsense: whoever can write that there could also delete it."""
    try:
        tokens, usd = found if not isinstance(found, Exception) else (0, 0)
        spent = Spent(int(tokens or 0), float(usd or 0.0))
    except ValueError:
        return Spent()
    return spent if isfinite(spent.usd) else Spent()


def exhausted(spent: Spent, daily_tokens: int | None, daily_usd: float | None) -> str:
    """Which cap has been reached, as a sentence; "" for none."""
    if daily_tokens is not None and spent.tokens >= daily_tokens:
        return f"Today's {daily_tokens:,} tokens are used up."
    if daily_usd is not None and spent.usd >= daily_usd:
        return f"Today's {daily_usd:,.2f} dollars are used up."
    return ""
