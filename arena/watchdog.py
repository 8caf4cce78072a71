"""Finds answers that fell silent. A dead worker never leaves a spinner."""

from __future__ import annotations

from inference.presence import Heartbeat, live_workers

from . import battles, broker, dispatch
from .models import Answer

SILENT_S = 6.0  # begun, then nothing: workers write at least every second
UNSERVED_S = 10.0  # nobody alive serves these weights
LOST_S = 15.0  # a worker has a free slot, and still does not begin: the task died with another
QUEUE_S = 110.0  # waiting in a queue that moves


def watch() -> int:
    """Look at every answer under way; returns how many had to be recovered."""
    workers = live_workers(broker.connection())
    underway = Answer.objects.filter(state=Answer.State.QUEUED).select_related("revision")
    stuck = [(answer, why) for answer in underway if (why := complaint(answer, workers))]
    for answer, why in stuck:
        battles.recover(answer.pk, answer.attempt, why)
    return len(stuck)


def complaint(answer: Answer, workers: list[Heartbeat]) -> str:
    """Why `answer` must be recovered, or "" while all is well."""
    silence, begun = dispatch.silent_for(answer)
    if begun:
        return "its worker fell silent" if silence > SILENT_S else ""
    serving = [w for w in workers if answer.revision.weights in w.weights]
    if not serving:
        return "no worker serves its weights" if silence > UNSERVED_S else ""
    if any(worker.running < worker.slots for worker in serving):
        return "its task was lost" if silence > LOST_S else ""
    return "it waited too long in the queue" if silence > QUEUE_S else ""
