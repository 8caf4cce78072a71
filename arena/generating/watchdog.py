"""Finds answers that fell silent. A dead worker never leaves a spinner."""

from __future__ import annotations

import logging
from typing import Any

from inference.contract.presence import Heartbeat, live_workers
from inference.contract.streams import Kind

from .. import broker
from ..models.generated import Generated
from . import dispatch
from .life import Cause, Fault, G, Life, Policy
from .settling import LOST_RESULT, LOST_STREAM, LOST_TASK, OVERDUE, fail

SILENT_S = 5.0  # begun, then nothing: workers write at least every second
RESULT_S = 20.0  # complete, but not recorded: other tasks may be before its result
LOST_S = 7.0  # a worker has a free slot, and still does not begin: the task died with another
QUEUE_MORE_S = 10.0  # than it may wait in the queue: then its worker should have said so
GAP_S = 4  # without a watch: the broker or the core process was away
GRACE_S = 12.0  # for workers and browsers to come back after it; once in
GRACE_EVERY_S = 60

SILENT = Fault("its worker fell silent", Cause.WORKER)
UNSERVED = Fault("no worker serves it", Cause.WORKER)

logger = logging.getLogger(__name__)
_SEEN, _RETURNED = "watchdog:seen", "watchdog:returned"


def watch(*lives: Life[Any]) -> int:
    """Look at every answer under way; returns how many had to be ended or recovered."""
    if has_just_returned():
        return 0
    workers = live_workers(broker.connection())
    return sum(_look_after(life, one, workers) for life in lives for one in life.underway())


def _look_after(life: Life[G], one: G, workers: list[Heartbeat]) -> bool:
    """Whether it had to be ended or recovered. One that cannot be keeps no other from it."""
    try:
        if life.abandoned(one):
            return True
        if fault := complaint(one, life.policy, workers):
            return fail(life, one, fault)
    except broker.AWAY:
        raise  # all would fail alike; the next watch comes in two seconds
    except Exception:
        logger.exception("%s %s could not be looked after", one._meta.verbose_name, one.pk)
    return False


def has_just_returned() -> bool:
    """Whether the broker, or whoever watches, was away until a moment ago. Workers then have yet to
    write on, and browsers to say that they look."""
    connection = broker.connection()
    now = broker.now()
    if connection.set(_SEEN, 1, ex=GAP_S, get=True) is None:
        connection.set(_RETURNED, now, ex=GRACE_EVERY_S, nx=True)
    returned = connection.get(_RETURNED)
    return returned is not None and now - float(returned) < GRACE_S


def complaint(one: Generated, policy: Policy, workers: list[Heartbeat]) -> Fault | None:
    """Why `one` must be recovered; None while all is well."""
    signs = dispatch.silent_for(one)
    if signs is None:
        return LOST_STREAM
    silence, heard = signs
    fault, after = _expected(one, policy, workers) if heard is None else _heard(heard)
    return fault if silence > after else None


def _heard(last: Kind) -> tuple[Fault, float]:
    return (LOST_RESULT, RESULT_S) if last is Kind.END else (SILENT, SILENT_S)


def _expected(one: Generated, policy: Policy, workers: list[Heartbeat]) -> tuple[Fault, float]:
    """Of an attempt that no worker has begun: what is wrong, if it waits for longer than that."""
    serving = [worker for worker in workers if one.revision.service in worker.serves]
    if not serving:
        return UNSERVED, policy.unserved_s
    if any(worker.free(one.revision.service) for worker in serving):
        return LOST_TASK, LOST_S
    return OVERDUE, policy.patience_s + QUEUE_MORE_S
