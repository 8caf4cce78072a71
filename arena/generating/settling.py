"""Settles an attempt: its answer is stored exactly once, or its failure is handled."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from inference.contract import traces
from inference.contract.endings import FinishReason
from inference.contract.requests import GenerateResult

from ..transactions import retried
from . import dispatch, learning, measuring
from .life import Cause, Fault, G, Life

OF_PROMPT = "not a prompt for this model: "  # prefix of a reason that blames the prompt
SILENT = Fault("its worker stopped responding", Cause.WORKER)
UNSERVED = Fault("no worker serves it", Cause.WORKER)
LOST_TASK = Fault("its task was lost", Cause.LOST)
LOST_RESULT = Fault("its result was lost", Cause.LOST)
LOST_STREAM = Fault("its stream was lost", Cause.LOST)
HANDED_BACK = Fault("its worker was stopped", Cause.LOST)
OVERDUE = Fault("it waited too long in the queue", Cause.QUEUE)


def fault_of(result: GenerateResult) -> Fault | None:
    """Why `result` is no answer; None if it is one. Stopping an answer stores it, so a cancelled
    attempt that is still current has lost its stream."""
    if result.finish_reason is FinishReason.CANCELLED:
        return LOST_STREAM
    if result.finish_reason is FinishReason.OVERDUE:
        return OVERDUE
    if result.handed_back:
        return HANDED_BACK
    if result.finish_reason is FinishReason.ERROR or not result.text.strip():
        reason = OF_PROMPT * result.of_prompt + (result.error or "an empty answer")
        return Fault(reason, permanent=result.permanent, of_prompt=result.of_prompt)
    return None


def settle(life: Life[G], pk: int, result: GenerateResult) -> None:
    """Store an answer, or handle a failed attempt as its life says. Idempotent: a stale attempt
    changes nothing. Raises `broker.AWAY` if handling the failure needs an unavailable broker."""
    one, fault = life.present(pk, result.attempt), fault_of(result)
    if one is not None:
        traces.join(life.trace_of(one))
        learning.note(one.revision_id, result)
    begun = result.text if fault is HANDED_BACK else ""
    if one is None or not (
        fail(life, one, fault, begun) if fault else _write_down(life, one, result)
    ):
        life.late(pk, result)
    else:
        life.ended(one, fault)


def fail(life: Life[G], one: G, fault: Fault, begun: str = "") -> bool:
    """Retry the failed attempt, from the text that it has `begun`, or give up when no attempt is
    left. False if it was stale."""
    is_last = life.is_last(one, fault)
    was_current = life.give_up(one, fault) if is_last else _try_again(life, one, fault, begun)
    if was_current:
        measuring.failed(one, fault)
    return was_current


@retried
def _try_again(life: Life[G], one: G, fault: Fault, begun: str) -> bool:
    if (held := life.held(one)) is None:
        return False
    held.note(fault.reason)
    dispatch.start(life, held, begun)
    return True


@retried
def _write_down(life: Life[G], one: G, result: GenerateResult) -> bool:
    if (held := life.held(one)) is None:
        return False
    held.state = held.State.DONE
    held.take(result)
    held.save()
    transaction.on_commit(partial(dispatch.tell_stored, held))
    transaction.on_commit(partial(measuring.stored, held))
    return True
