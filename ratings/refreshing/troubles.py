"""Boards that cannot be computed or published: each fails alone, records why, and is retried with
exponential backoff."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from arena.models import Campaign

from ..core import NotEnoughDataError, RatingsError
from ..core.data.errors import ConvergenceError
from ..limits import BOARDS
from ..models import Board, Trouble

# Stored in English, and translated where they are shown.
LOPSIDED = _("its votes are so lopsided that the scores do not converge.")
MEMORY = _("it needs more memory than this machine has.")
DATE_OR_NUMBER = _("one of its votes has a date or a number that the database cannot read.")
FAULT = _("an error in the arena, which the background worker logged.")

logger = logging.getLogger(__name__)


@contextmanager
def attempt(board: Board, what: Trouble.What) -> Iterator[None]:
    """Record an error inside as a trouble of this board alone. Not caught: an unreachable database,
    and NotEnoughDataError, which is not a trouble."""
    try:
        yield
    except (OperationalError, InterfaceError, NotEnoughDataError):
        raise
    except Exception as error:
        if note(board, what, _in_words(error)):
            logger.exception("%s could not be %s", board, what.label)
    else:
        Trouble.objects.filter(board=board, what=what).delete()


def note(board: Board, what: Trouble.What, reason: str) -> bool:
    """Record why it failed; returns whether the reason is new."""
    before = Trouble.objects.filter(board=board, what=what).first()
    failures = before.failures + 1 if before else 1
    seconds = min(BOARDS.first_pause_s * 2 ** min(failures - 1, 20), BOARDS.longest_pause_s)
    retry = timezone.now() + timedelta(seconds=seconds)
    Trouble.objects.update_or_create(
        board=board,
        what=what,
        defaults={
            "reason": reason[:300], "failures": failures, "retry": retry
        },
    )  # fmt: skip
    return before is None or before.reason != reason[:300]


def resting(what: Trouble.What) -> set[int]:
    """Primary keys of boards that are not to be retried yet."""
    waiting = Trouble.objects.filter(what=what, retry__gt=timezone.now())
    return set(waiting.values_list("board", flat=True))


def of(campaign: Campaign) -> dict[str, Trouble]:
    """Why boards of the campaign are stale, by slug."""
    found = Trouble.objects.filter(board__campaign=campaign, what=Trouble.What.COMPUTING)
    return {trouble.board.slug: trouble for trouble in found.select_related("board__campaign")}


def every() -> list[Trouble]:
    """All troubles, for the arena's staff."""
    return list(Trouble.objects.select_related("board__campaign").order_by("board"))


def _in_words(error: Exception) -> str:
    if isinstance(error, ConvergenceError):
        return LOPSIDED
    if isinstance(error, MemoryError):
        return MEMORY
    if isinstance(error, RatingsError):
        return str(error)
    return DATE_OR_NUMBER if isinstance(error, DatabaseError | OverflowError) else FAULT
