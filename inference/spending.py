"""What models behind an API have cost today (UTC), counted in Redis by every worker together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import redis

from .requests import Endpoint

KEPT_S = 3 * 24 * 3600


@dataclass(frozen=True)
class Spent:
    """Of one day."""

    tokens: int = 0
    usd: float = 0.0


def _key(meter: str) -> str:
    return f"spent:{meter}:{datetime.now(UTC):%Y-%m-%d}"


def spent_today(connection: redis.Redis, meter: str) -> Spent:
    tokens, usd = connection.hmget(_key(meter), ["tokens", "usd"])
    return Spent(int(tokens or 0), float(usd or 0.0))


def add(connection: redis.Redis, endpoint: Endpoint, prompt_tokens: int, answered: int) -> None:
    """Count one answer, whether or not anybody still wanted it: it was paid for."""
    with connection.pipeline(transaction=True) as pipe:
        key = _key(endpoint.meter)
        pipe.hincrby(key, "tokens", prompt_tokens + answered)
        pipe.hincrbyfloat(key, "usd", endpoint.price(prompt_tokens, answered))
        pipe.expire(key, KEPT_S)
        pipe.execute()


def exhausted(spent: Spent, daily_tokens: int | None, daily_usd: float | None) -> str:
    """Which cap has been reached, as a sentence; "" for none."""
    if daily_tokens is not None and spent.tokens >= daily_tokens:
        return f"The day's {daily_tokens:,} tokens are used up."
    if daily_usd is not None and spent.usd >= daily_usd:
        return f"The day's {daily_usd:,.2f} dollars are used up."
    return ""
