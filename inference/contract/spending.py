"""What models behind an API have cost today (UTC), counted in Redis by every worker together.

An answer is reserved before it begins, with all the tokens it may take, and corrected when it has
ended: so answers that begin together cannot all pass under a cap that has room for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import redis

from ..engine import EngineError, Generation
from .requests import Endpoint, GenerateRequest

_FIELDS = ["tokens", "usd"]
KEPT_S = 3 * 24 * 3600


@dataclass(frozen=True)
class Spent:
    """Of one day."""

    tokens: int = 0
    usd: float = 0.0


@dataclass
class Bill:
    """One answer's. Without a generation it has cost nothing."""

    generation: Generation | None = None


def _key(meter: str) -> str:
    return f"spent:{meter}:{datetime.now(UTC):%Y-%m-%d}"


def spent_today(connection: redis.Redis, meter: str) -> Spent:
    """What is spent, and what the answers under way may still take."""
    return _spent(connection.hmget(_key(meter), _FIELDS))


def spent_by(connection: redis.Redis, meters: Sequence[str]) -> list[Spent]:
    """The same of many, asked at once."""
    with connection.pipeline(transaction=False) as pipe:
        for meter in meters:
            pipe.hmget(_key(meter), _FIELDS)
        return [_spent(found) for found in pipe.execute()]


def add(
    connection: redis.Redis, endpoint: Endpoint, prompt_tokens: int, answered: int, key: str = ""
) -> Spent:
    """Count tokens, under today's key unless told otherwise. What was spent before these."""
    key = key or _key(endpoint.meter)
    tokens, usd = prompt_tokens + answered, endpoint.price(prompt_tokens, answered)
    with connection.pipeline(transaction=True) as pipe:
        pipe.hmget(key, _FIELDS)
        pipe.hincrby(key, "tokens", tokens)
        pipe.hincrbyfloat(key, "usd", usd)
        pipe.expire(key, KEPT_S)
        before, *_ = pipe.execute()
    return _spent(before)


def _spent(found: Sequence[Any]) -> Spent:
    tokens, usd = found
    return Spent(int(tokens or 0), float(usd or 0.0))


@contextmanager
def charged(connection: redis.Redis, request: GenerateRequest) -> Iterator[Bill]:
    """Count an answer, whether or not anybody still wants it in the end: it was paid for.

    Raises EngineError, permanent, if one of the day's caps is reached.
    """
    bill, endpoint = Bill(), request.endpoint
    if endpoint is None:
        yield bill
        return
    key, prompt = _key(endpoint.meter), request.prompt_estimate
    answer = request.max_tokens + request.max_thought_tokens
    before = add(connection, endpoint, prompt, answer, key)
    try:
        if why := exhausted(before, endpoint.daily_tokens, endpoint.daily_usd):
            raise EngineError(why, permanent=True)
        yield bill
    finally:
        prompt_tokens, answered = _tokens_of(bill, otherwise=(prompt, answer))
        add(connection, endpoint, prompt_tokens - prompt, answered - answer, key)


def _tokens_of(bill: Bill, otherwise: tuple[int, int]) -> tuple[int, int]:
    """Of the prompt and of the answer; what was reserved, if it did not end in time to say."""
    if bill.generation is None:
        return 0, 0
    if (outcome := bill.generation.outcome) is None:
        return otherwise
    answered = outcome.completion_tokens + outcome.thought_tokens
    return (
        outcome.prompt_tokens + outcome.vain_prompt_tokens,
        answered + outcome.vain_tokens,
    )


def exhausted(spent: Spent, daily_tokens: int | None, daily_usd: float | None) -> str:
    """Which cap has been reached, as a sentence; "" for none."""
    if daily_tokens is not None and spent.tokens >= daily_tokens:
        return f"The day's {daily_tokens:,} tokens are used up."
    if daily_usd is not None and spent.usd >= daily_usd:
        return f"The day's {daily_usd:,.2f} dollars are used up."
    return ""
