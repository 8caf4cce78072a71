"""Finds answers that fell silent. A dead worker never leaves a spinner."""

from __future__ import annotations

import logging

from django.conf import settings

from inference.endings import FinishReason
from inference.presence import Heartbeat, live_workers
from inference.streams import Kind, waited_s

from . import battles, broker, dispatch, stopping, watching
from .battles import OVERDUE, Lost
from .models import Answer

SILENT_S = 5.0  # begun, then nothing: workers write at least every second
RESULT_S = 20.0  # complete, but not recorded: other tasks may be before its result
UNSERVED_S = 9.0  # nobody alive serves it
LOST_S = 7.0  # a worker has a free slot, and still does not begin: the task died with another
QUEUE_MORE_S = 10.0  # than it may wait in the queue: then its worker should have said so
GAP_S = 4  # without a watch: the broker or the core process was away
GRACE_S = 12.0  # for workers and browsers to come back after it; once in
GRACE_EVERY_S = 60

logger = logging.getLogger(__name__)
_SEEN, _RETURNED = "watchdog:seen", "watchdog:returned"


def watch() -> int:
    """Look at every answer under way; returns how many had to be ended or recovered."""
    if has_just_returned():
        return 0
    workers = live_workers(broker.connection())
    underway = Answer.objects.filter(state=Answer.State.QUEUED)
    underway = underway.select_related("revision__contestant", "turn__battle")
    return sum(_look_after(answer, workers) for answer in underway)


def _look_after(answer: Answer, workers: list[Heartbeat]) -> bool:
    """Whether it had to be ended or recovered. One that cannot be keeps no other from it."""
    try:
        if is_abandoned(answer):
            stopping.stop(answer.turn.battle, why=FinishReason.ABANDONED)
            return True
        if why := complaint(answer, workers):
            battles.recover(answer.pk, answer.attempt, why)
            return True
    except broker.AWAY:
        raise  # all would fail alike; the next watch comes in two seconds
    except Exception:
        logger.exception("answer %s could not be looked after", answer.pk)
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


def is_abandoned(answer: Answer) -> bool:
    """Whether nobody has looked at its battle for a while."""
    waited = waited_s(broker.connection(), str(answer.stream))
    is_old = waited is not None and waited > watching.ABSENT_S
    return is_old and not watching.is_watched(answer.turn.battle)


def complaint(answer: Answer, workers: list[Heartbeat]) -> str:
    """Why `answer` must be recovered, or "" while all is well."""
    signs = dispatch.silent_for(answer)
    if signs is None:
        return Lost.STREAM
    silence, heard = signs
    if heard is Kind.END:
        return Lost.RESULT if silence > RESULT_S else ""
    if heard is not None:
        return "its worker fell silent" if silence > SILENT_S else ""
    serving = [w for w in workers if answer.revision.service in w.serves]
    if not serving:
        return "no worker serves it" if silence > UNSERVED_S else ""
    if any(worker.free(answer.revision.service) for worker in serving):
        return Lost.TASK if silence > LOST_S else ""
    return OVERDUE if silence > settings.QUEUE_SECONDS + QUEUE_MORE_S else ""
