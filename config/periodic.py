"""The periodic tasks and their intervals."""

from __future__ import annotations

from dataclasses import dataclass

from arena.limits import PAUSING, TRYING, WATCHDOG
from inference.contract.limits import KEYS


@dataclass(frozen=True)
class Periodic:
    """A task that the clock sends every `every` seconds.

    The tasks have no expiry: Celery would compare the clocks of two hosts, and a skew of a minute
    would drop every task. Instead, the clock sends none to a queue that is too long.
    """

    task: str
    every: float


SCHEDULE = (
    Periodic("arena.watch_answers", WATCHDOG.every_s),
    Periodic("arena.advance_batches", 5.0),
    Periodic("arena.advance_probes", TRYING.advance_s),
    Periodic("ratings.refresh_boards", 0.5),
    Periodic("arena.run_jobs", 5.0),
    Periodic("arena.sweep_forgotten", 600.0),
    Periodic("arena.sweep_old", 3600.0),
    Periodic("arena.send_keys", KEYS.sent_s),
    Periodic("arena.pause_failing", PAUSING.every_s),
    Periodic("ratings.measure_response_times", 60.0),
    Periodic("ratings.check_answers", 10.0),
    Periodic("ratings.watch_votes", 3.0),
    Periodic("config.back_up", 60.0),
)
