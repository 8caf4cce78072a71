"""Ratings are computed here, on the `background` queue, and never in a request."""

from __future__ import annotations

from celery import shared_task

from . import response_times, snapshots, static_copies


@shared_task(name="ratings.refresh_boards")
def refresh_boards() -> None:
    snapshots.refresh_all()


@shared_task(name="ratings.measure_response_times")
def measure_response_times() -> None:
    response_times.measure()


@shared_task(name="ratings.write_static_copies")
def write_static_copies() -> None:
    static_copies.write_all()
