"""Battles that end without a vote, and what their voters are told."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ..generating import dispatch
from ..generating.settling import (
    HANDED_BACK,
    LOST_RESULT,
    LOST_STREAM,
    LOST_TASK,
    OF_PROMPT,
    OVERDUE,
    SILENT,
    UNSERVED,
)
from ..models import Answer, Battle
from ..transactions import lock, retried

UNWATCHED = "nobody watched, and nothing was shown"  # why such a battle was stopped
BLOCKED = "an answer was blocked"  # by a check of answers
UNFIT = gettext_noop(
    "One of the two answers cannot be shown here, so neither is. It was not your fault, and this "
    "battle does not count."
)
APOLOGY = gettext_noop(
    "One of the two models gave no answer, even when it was asked again. It was not your fault, "
    "and this battle does not count."
)
GONE = gettext_noop(
    "A computer that one of the two models runs on has stopped responding. It was not your fault, "
    "and this battle does not count."
)
CROWDED = gettext_noop(
    "Too many people are asking at the moment: one of the two models did not get its turn in "
    "time. This battle does not count."
)
TOO_MUCH = gettext_noop(
    "One of the two models could not accept this conversation: it is too long for the model, or "
    "its host does not allow it. This battle does not count. A shorter prompt may work."
)
NOTHING_WRITTEN = gettext_noop(
    "This battle was stopped before both models had answered, so there is nothing to compare."
)
NOBODY_THERE = gettext_noop(
    "Nobody was watching, so this battle was stopped before both models had answered."
)
BY_FAULT = {
    OVERDUE: CROWDED, SILENT: GONE, UNSERVED: GONE, LOST_TASK: GONE, LOST_RESULT: GONE,
    LOST_STREAM: GONE, HANDED_BACK: GONE,
}  # fmt: skip


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


def is_blocked(battle: Battle) -> bool:
    """Whether one of its answers was: neither is shown."""
    return battle.void_reason == BLOCKED


def farewell(battle: Battle) -> str:
    """Why a battle is void, for its voter. It does not say which model is to blame."""
    return _(reason(battle))


def reason(battle: Battle) -> str:
    """The same in English, for those who translate it later."""
    if OF_PROMPT in battle.void_reason:
        return TOO_MUCH
    if is_blocked(battle):
        return UNFIT
    if battle.void_reason == UNWATCHED:
        return NOBODY_THERE
    for fault, said in BY_FAULT.items():
        if battle.void_reason.endswith(fault.reason):
            return said
    return NOTHING_WRITTEN if battle.turns.filter(stopped=True).exists() else APOLOGY
