"""Ratings are computed here, on the `background` queue, and never in a request."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import OperationalError

from .models import Board, Trouble
from .refreshing import apart, drafts, response_times

logger = logging.getLogger(__name__)


@shared_task(name="ratings.refresh_boards")
def refresh_boards() -> None:
    if not drafts.looks.is_due:
        return
    try:
        drafts.refresh_all(hand_over=_hand_over)
    except OperationalError as error:  # half a second later it is tried again
        logger.warning("Boards wait for the database: %s", str(error).partition("\n")[0])


def _hand_over(board: Board, what: Trouble.What) -> None:
    """One that waits for longer is handed over again."""
    compute_board.apply_async((board.pk, what), expires=apart.WAITS_S)


@shared_task(name="ratings.compute_board")
def compute_board(board: int, what: str) -> None:
    """One that takes long."""
    if (found := Board.objects.filter(pk=board).first()) is not None:
        apart.run(found, Trouble.What(what))


@shared_task(name="ratings.measure_response_times")
def measure_response_times() -> None:
    response_times.measure()
