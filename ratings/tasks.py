"""Ratings are computed here, on the `background` queue, and never in a request."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import OperationalError

from .limits import BOARDS
from .models import Board, Trouble
from .refreshing import apart, drafts, response_times

logger = logging.getLogger(__name__)


@shared_task(name="ratings.refresh_boards")
def refresh_boards() -> None:
    if not drafts.looks.is_due:
        return
    try:
        drafts.refresh_all(hand_over=_hand_over)
    except OperationalError as error:  # the next refresh, half a second later, retries
        logger.warning("Boards wait for the database: %s", str(error).partition("\n")[0])


def _hand_over(board: Board, what: Trouble.What) -> None:
    """Queue a slow board; a task that waits for longer expires and is handed over again."""
    compute_board.apply_async((board.pk, what), expires=BOARDS.waits_s)


@shared_task(name="ratings.compute_board")
def compute_board(board: int, what: str) -> None:
    """Compute or publish a slow board."""
    if (found := Board.objects.filter(pk=board).first()) is not None:
        apart.run(found, Trouble.What(what))


@shared_task(name="ratings.measure_response_times")
def measure_response_times() -> None:
    response_times.measure()
