"""A task whose work can be seen, for a worker that includes this module."""

from __future__ import annotations

from pathlib import Path

from celery import shared_task


@shared_task(name="refused.touch")
def touch(path: str) -> None:
    Path(path).touch()
