"""Answers of models behind an API, charged to their meter while they are made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis

from ..contract.errors import EngineError
from ..contract.requests import GenerateRequest
from ..contract.spending import add, exhausted, key_of
from ..engine import Generation


@dataclass
class Bill:
    """One answer's. Without a generation it has cost nothing."""

    generation: Generation | None = None


@contextmanager
def charged(connection: redis.Redis, request: GenerateRequest) -> Iterator[Bill]:
    """Count an answer, whether or not anybody still wants it in the end: it was paid for.

    Raises EngineError, permanent, if one of the day's caps is reached.
    """
    bill, endpoint = Bill(), request.endpoint
    if endpoint is None:
        yield bill
        return
    key, prompt = key_of(endpoint.meter), request.prompt_estimate
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
