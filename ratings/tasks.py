"""Ratings are computed here, on the `background` queue, and never in a request."""

from __future__ import annotations

import logging
import time

from celery import shared_task
from django.db import OperationalError

from arena.campaigns import scoring

from .desk import watching
from .models import Board, Trouble
from .refreshing import apart, checks, drafts, response_times
from .refreshing.alone import WATCHING, alone

logger = logging.getLogger(__name__)

SLICES_S = 0.7  # in one refresh, so that slices never delay an overall board
CHECKED_S = 1.0  # in one run
WATCHED_S = 1.0  # in one run, so that no board waits for the desk


@shared_task(name="ratings.refresh_boards")
def refresh_boards() -> None:
    if not drafts.looks.is_due:
        return
    try:
        drafts.refresh_all(SLICES_S, _hand_over)
    except OperationalError as error:  # the next refresh, half a second later, retries
        logger.warning("Boards are waiting for the database: %s", str(error).partition("\n")[0])


def _hand_over(board: Board, what: Trouble.What) -> None:
    """Queue a slow board; a task that waits for too long is dropped and handed over again."""
    compute_board.delay(board.pk, what)


@shared_task(name="ratings.compute_board")
def compute_board(board: int, what: str) -> None:
    """Compute or publish a slow board."""
    found = Board.objects.filter(pk=board).first()
    if found is not None and apart.is_expected(found):
        apart.run(found, Trouble.What(what))


@shared_task(name="ratings.measure_response_times")
def measure_response_times() -> None:
    response_times.measure()


@shared_task(name="ratings.watch_votes")
def watch_votes() -> None:
    """Weigh voters with new votes, and hold suspected votes."""
    with alone(WATCHING) as is_mine:
        if is_mine:
            watching.watch(WATCHED_S)


@shared_task(name="ratings.check_answers")
def check_answers() -> None:
    """Check prepared answers, and count what the checks of ended campaigns say."""
    scoring.check_waiting(time.monotonic() + CHECKED_S)
    checks.count_all()
