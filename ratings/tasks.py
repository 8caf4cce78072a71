"""Ratings are computed here, on the `core` queue, and never in a request."""

from __future__ import annotations

from celery import shared_task

from . import snapshots


@shared_task(name="ratings.refresh_boards")
def refresh_boards() -> None:
    snapshots.refresh_all()
