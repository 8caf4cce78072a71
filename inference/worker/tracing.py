"""An attempt at an answer as two spans of its battle's trace: until it had a slot, and since."""

from __future__ import annotations

import time

from ..contract import traces
from ..contract.requests import GenerateRequest, GenerateResult
from ..contract.traces import Span


def send(request: GenerateRequest, result: GenerateResult) -> None:
    """Tell of an attempt that has just ended."""
    now = time.time()
    slot = now - result.total_s
    about: dict[str, str | int | float] = {
        "service": request.service,
        "attempt": request.attempt,
        "request_id": request.request_id,
    }
    waiting = Span(request.trace, "wait for a slot", slot - result.queued_s, slot)
    writing = Span(request.trace, "write an answer", slot, now)
    if result.first_token_s is not None:
        writing.events.append(("first token", slot + result.first_token_s))
    waiting.attributes.update(about)
    writing.attributes.update(
        about,
        finish_reason=result.finish_reason.value,
        prompt_tokens=result.prompt_tokens,
        completion_tokens=result.completion_tokens,
    )
    for span in (waiting, writing):
        traces.send(span)
