"""Charges answers of models behind an API to their meter while they are generated."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis

from ..contract.errors import EngineError
from ..contract.requests import GenerateRequest
from ..contract.spending import add, exhausted, key_of
from ..engine import Generation

logger = logging.getLogger(__name__)


@dataclass
class Bill:
    """The bill of one answer. Without a generation it has cost nothing."""

    generation: Generation | None = None


@contextmanager
def charged(connection: redis.Redis, request: GenerateRequest) -> Iterator[Bill]:
    """Charge an answer, even if it is cancelled: it has to be paid for all the same.

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
        try:
            add(connection, endpoint, prompt_tokens - prompt, answered - answer, key)
        except redis.RedisError as error:  # the answer was paid for: it must not be asked for again
            logger.warning("Spending of %s stays as reserved: %s", endpoint.meter, error)


def _tokens_of(bill: Bill, otherwise: tuple[int, int]) -> tuple[int, int]:
    """Tokens of the prompt and of the answer; the reserved ones if it did not end in time."""
    if bill.generation is None:
        return 0, 0
    if (outcome := bill.generation.outcome) is None:
        return otherwise
    answered = outcome.completion_tokens + outcome.thought_tokens
    return (
        outcome.prompt_tokens + outcome.vain_prompt_tokens,
        answered + outcome.vain_tokens,
    )
