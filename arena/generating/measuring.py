"""What monitoring learns of every attempt at an answer, by the service that made it."""

from __future__ import annotations

from .. import counters
from ..models.generated import Generated
from .life import Fault


def stored(one: Generated) -> None:
    service = one.revision.service
    counters.add("answers", service=service, finish_reason=one.finish_reason)
    if one.total_s is not None:  # an answer that its voter stopped is timed later
        timed(one)


def timed(one: Generated) -> None:
    service = one.revision.service
    tokens = (one.completion_tokens or 0) + (one.thought_tokens or 0)
    counters.add("tokens", tokens, service=service)
    measured = {
        "answer_queued_seconds": one.queued_s,
        "answer_first_token_seconds": one.first_token_s,
        "answer_tokens_per_second": one.tokens_per_second,
    }
    for family, value in measured.items():
        if value is not None:
            counters.observe(family, value, service=service)


def failed(one: Generated, fault: Fault) -> None:
    counters.add("attempts_failed", service=one.revision.service, cause=fault.cause.name.lower())
