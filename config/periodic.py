"""What is done again and again, and how often."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Periodic:
    """A task that the clock sends every so many seconds.

    None of them expires: Celery compares the clocks of two hosts for that, and a minute between
    them would drop every one. What keeps them few is the length of their queue.
    """

    task: str
    every: float


SCHEDULE = (
    Periodic("arena.watch_answers", 2.0),
    Periodic("arena.advance_batches", 5.0),
    Periodic("ratings.refresh_boards", 0.5),
    Periodic("arena.run_jobs", 5.0),
    Periodic("ratings.measure_response_times", 60.0),
)
