"""Recovers answers that have fallen silent, so that a dead worker never leaves a page spinning."""

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

SILENT_S = 5.0  # after its last entry: a live worker writes at least every second
RESULT_S = 20.0  # complete but not recorded: its result may be queued behind other tasks
LOST_S = 7.0  # queued though a worker has a free slot: the task died with its worker
QUEUE_MORE_S = 10.0  # beyond its patience: by then its worker should have reported it as overdue
GAP_S = 4  # without a watch: the broker or the core process was down
GRACE_S = 12.0  # for workers and browsers to come back after a gap
GRACE_EVERY_S = 60  # at most one such grace period in this time

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
    """Whether `one` had to be ended or recovered. An error in one does not affect the rest."""
    try:
        if life.abandoned(one):
            return True
        if fault := complaint(one, life.policy, workers):
            return fail(life, one, fault)
    except broker.AWAY:
        raise  # every answer would fail alike; the next watch is in two seconds
    except Exception:
        logger.exception("%s %s could not be looked after", one._meta.verbose_name, one.pk)
    return False


def has_just_returned() -> bool:
    """Whether the broker or this watch was down until a moment ago. Workers then still have to
    resume writing, and browsers to report that they are watching."""
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
    """For an attempt that no worker has begun: the fault, and the seconds of waiting after which
    it is one."""
    serving = [worker for worker in workers if one.revision.service in worker.serves]
    if not serving:
        return UNSERVED, policy.unserved_s
    if any(worker.free(one.revision.service) for worker in serving):
        return LOST_TASK, LOST_S
    return OVERDUE, policy.patience_s + QUEUE_MORE_S
