"""Settles an attempt: its answer is stored exactly once, or its failure is handled."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from inference.contract.endings import FinishReason
from inference.contract.requests import GenerateResult

from ..transactions import retried
from . import dispatch, learning
from .life import Cause, Fault, G, Life

OF_PROMPT = "not a prompt for this model: "  # prefix of a reason that blames the prompt
LOST_TASK = Fault("its task was lost", Cause.LOST)
LOST_RESULT = Fault("its result was lost", Cause.LOST)
LOST_STREAM = Fault("its stream was lost", Cause.LOST)
OVERDUE = Fault("it waited too long in the queue", Cause.QUEUE)


def fault_of(result: GenerateResult) -> Fault | None:
    """Why `result` is no answer; None if it is one. Stopping an answer stores it, so a cancelled
    attempt that is still current has lost its stream."""
    if result.finish_reason is FinishReason.CANCELLED:
        return LOST_STREAM
    if result.finish_reason is FinishReason.OVERDUE:
        return OVERDUE
    if result.finish_reason is FinishReason.ERROR or not result.text.strip():
        reason = OF_PROMPT * result.of_prompt + (result.error or "an empty answer")
        return Fault(reason, permanent=result.permanent, of_prompt=result.of_prompt)
    return None


def settle(life: Life[G], pk: int, result: GenerateResult) -> None:
    """Store an answer, or handle a failed attempt as its life says. Idempotent: a stale attempt
    changes nothing. Raises `broker.AWAY` if handling the failure needs an unavailable broker."""
    one, fault = life.present(pk, result.attempt), fault_of(result)
    if one is not None:
        learning.note(one.revision_id, result)
    if one is None or not (fail(life, one, fault) if fault else _write_down(life, one, result)):
        life.late(pk, result)
    else:
        life.ended(one, fault)


def fail(life: Life[G], one: G, fault: Fault) -> bool:
    """Retry the failed attempt, or give up when no attempt is left. False if it was stale."""
    return life.give_up(one, fault) if life.is_last(one, fault) else _try_again(life, one, fault)


@retried
def _try_again(life: Life[G], one: G, fault: Fault) -> bool:
    if (held := life.held(one)) is None:
        return False
    held.note(fault.reason)
    dispatch.start(life, held)
    return True


@retried
def _write_down(life: Life[G], one: G, result: GenerateResult) -> bool:
    if (held := life.held(one)) is None:
        return False
    held.state = held.State.DONE
    held.take(result)
    held.save()
    transaction.on_commit(partial(dispatch.tell_stored, held))
    return True
