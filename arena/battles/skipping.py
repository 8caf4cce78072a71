"""Skipping: its voter can't tell which answer is better, which is an answer of its own. It gives no
vote, changes no tally, and says nothing about either model."""

from __future__ import annotations

import logging

from django.utils import timezone
from django.utils.translation import gettext as _

from inference.contract.endings import FinishReason

from .. import broker
from ..errors import Code, Refused
from ..models import Battle
from ..showing.turn import Position
from ..transactions import lock, retried
from . import stopping
from .voiding import give_up_answers

logger = logging.getLogger(__name__)
WHY = "its voter skipped the battle"


def skip(battle: Battle, seen: str = "") -> None:
    """End a battle without a vote; both models stay unnamed. Answers under way end at the position
    that the browser reports as `seen`. A battle that is skipped or void already stays as it is.
    Raises Refused after a vote."""
    while not _skip(battle, _underway(battle, Position.parse(seen))):
        pass  # ends: each retry means that an answer was stored or retried meanwhile


def _underway(battle: Battle, position: Position) -> stopping.Underway | None:
    try:
        return stopping.look(battle, position)
    except broker.AWAY as error:
        logger.warning("a skipped battle: its text is not kept: %s", error)
        return None


@retried
def _skip(battle: Battle, underway: stopping.Underway | None) -> bool:
    """False if `underway` is stale."""
    held = lock(battle.pk)
    if held.state == Battle.State.VOTED:
        raise Refused(
            _("You have already voted on this battle. Your vote stands."), code=Code.VOTED
        )
    if held.state != Battle.State.OPEN:
        return True
    if underway is not None and not stopping.end(underway, FinishReason.CANCELLED):
        return False
    held.state, held.skipped = Battle.State.SKIPPED, timezone.now()
    held.save(update_fields=["state", "skipped"])
    give_up_answers(held, WHY)
    return True
