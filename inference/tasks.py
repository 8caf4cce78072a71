"""The one task of a model worker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from celery import shared_task
from celery.exceptions import Ignore

from .contract import request_ids
from .contract.requests import GenerateRequest
from .worker import tracing
from .worker.service import current_worker


@shared_task(name="inference.generate", acks_late=True)
def generate(request: dict[str, Any]) -> None:
    """Generate one answer: its text goes to its stream, its result back to the arena. It need not
    be the one of the `request`, which may wait while others have their turn."""
    worker = current_worker()
    with worker.queue.turn(GenerateRequest.from_dict(request)) as asked:
        if asked is None:
            raise Ignore
        with request_ids.of(asked.request_id):
            result = replace(worker.generate(asked), request_id=asked.request_id)
            worker.hand_in(result, asked.ticket)
            tracing.send(asked, result)
