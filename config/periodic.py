"""What is done again and again, and how often."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Periodic:
    """A task that the clock sends every so many seconds; unread after `expires`, it is dropped."""

    task: str
    every: float
    expires: float | None = None


SCHEDULE = (
    Periodic("arena.watch_answers", 2.0, expires=4),
    Periodic("arena.advance_batches", 5.0),
    Periodic("ratings.refresh_boards", 0.5, expires=2),
    Periodic("arena.write_exports", 5.0, expires=5),
    Periodic("ratings.measure_response_times", 60.0),
)
