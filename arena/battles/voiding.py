"""Battles that end without a vote, and what their voters are told."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from ..generating import dispatch
from ..generating.settling import OF_PROMPT
from ..models import Answer, Battle
from ..transactions import lock, retried

APOLOGY = (
    "Sorry, one of the two answers could not be completed, so this battle does not count. "
    "It was not your fault. Please start a new one."
)
TOO_MUCH = (
    "One of the two models could not accept this conversation: it is too long for the "
    "model, or its host does not allow it. This battle does not count. Please start a new one "
    "with a shorter prompt."
)
NOTHING_WRITTEN = (
    "This battle was stopped before both models had answered, so there is nothing to compare."
)
UNWATCHED = "nobody watched, and nothing was shown"  # why such a battle was stopped
NOBODY_THERE = (
    "Nobody was watching, so this battle was stopped before both models had answered. "
    "Please start a new one."
)


@retried
def void(battle: Battle, reason: str) -> None:
    """End a battle without a vote, with an apology to its voter."""
    battle = lock(battle.pk)
    if battle.state == Battle.State.OPEN:
        battle.state, battle.void_reason = Battle.State.VOID, reason[:300]
        battle.save(update_fields=["state", "void_reason"])
    give_up_answers(battle, reason)


def give_up_answers(battle: Battle, reason: str) -> None:
    """End the answers still under way in a battle that is over. Its row must be locked."""
    underway = Answer.objects.filter(turn__battle=battle, state=Answer.State.QUEUED)
    for answer in underway:
        transaction.on_commit(partial(dispatch.cancel, answer.stream))
    underway.update(state=Answer.State.FAILED, error=reason)


def farewell(battle: Battle) -> str:
    """What to tell the voter of a void battle."""
    if OF_PROMPT in battle.void_reason:
        return TOO_MUCH
    if battle.void_reason == UNWATCHED:
        return NOBODY_THERE
    return NOTHING_WRITTEN if battle.turns.filter(stopped=True).exists() else APOLOGY
