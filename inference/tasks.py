"""The one task of a model worker."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.exceptions import Ignore

from .contract.requests import GenerateRequest
from .worker.service import current_worker


@shared_task(name="inference.generate", acks_late=True)
def generate(request: dict[str, Any]) -> dict[str, Any]:
    """Generate one answer: its text goes to its stream, its result to the task's link."""
    worker, asked = current_worker(), GenerateRequest.from_dict(request)
    if not worker.claim(asked):
        raise Ignore
    return worker.generate(asked).to_dict()
