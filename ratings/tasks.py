"""Ratings are computed here, on the `core` queue, and never in a request."""

from __future__ import annotations

from celery import shared_task

from . import response_times, snapshots


@shared_task(name="ratings.refresh_boards")
def refresh_boards() -> None:
    snapshots.refresh_all()


@shared_task(name="ratings.measure_response_times")
def measure_response_times() -> None:
    response_times.measure()
