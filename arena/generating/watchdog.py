"""Recovers answers that have fallen silent, so that a dead worker never leaves a page spinning."""

from __future__ import annotations

import logging
from typing import Any

from inference.contract.presence import Heartbeat, live_workers
from inference.contract.streams import Kind

from .. import broker
from ..limits import WATCHDOG
from ..models.generated import Generated
from . import dispatch
from .life import Fault, G, Life, Policy
from .settling import LOST_RESULT, LOST_STREAM, LOST_TASK, OVERDUE, SILENT, UNSERVED, fail

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
    if connection.set(_SEEN, 1, ex=WATCHDOG.gap_s, get=True) is None:
        connection.set(_RETURNED, now, ex=WATCHDOG.grace_every_s, nx=True)
    returned = connection.get(_RETURNED)
    # A time to come is from before the broker's clock was set back.
    return returned is not None and 0 <= now - float(returned) < WATCHDOG.grace_s


def complaint(one: Generated, policy: Policy, workers: list[Heartbeat]) -> Fault | None:
    """Why `one` must be recovered; None while all is well."""
    signs = dispatch.silent_for(one)
    if signs is None:
        return LOST_STREAM
    silence, heard = signs
    fault, after = _expected(one, policy, workers) if heard is None else _heard(heard)
    return fault if silence > after else None


def _heard(last: Kind) -> tuple[Fault, float]:
    return (LOST_RESULT, WATCHDOG.result_s) if last is Kind.END else (SILENT, WATCHDOG.silent_s)


def _expected(one: Generated, policy: Policy, workers: list[Heartbeat]) -> tuple[Fault, float]:
    """For an attempt that no worker has begun: the fault, and the seconds of waiting after which
    it is one."""
    serving = [worker for worker in workers if one.revision.service in worker.serves]
    if not serving:
        return UNSERVED, policy.times.unserved_s
    is_free = any(worker.free(one.revision.service) for worker in serving)
    if is_free and not dispatch.is_queued(one.revision.service):
        return LOST_TASK, WATCHDOG.lost_s
    return OVERDUE, policy.times.queue_s + WATCHDOG.overdue_s
