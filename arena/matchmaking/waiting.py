"""Queues: which services can take more answers, and how long a voter will wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from django.db.models import Count, Q

from inference.contract.presence import Heartbeat

from ..models import Answer, Reply, Revision
from ..models.generated import Generated
from . import places

MOST_WAITING = 4  # per slot; a model with a longer queue is not drawn
RECENT = 50  # number of answers whose mean duration is the estimate
GUESS_S = 10.0  # the estimate before there are any answers
ON_DEMAND = (Answer, Reply)  # somebody waits for these


@dataclass(frozen=True, order=True)
class Wait:
    """The wait for an answer. Of a battle only the longer one is shown: the wait of each side would
    reveal something about its contestant."""

    seconds: int
    ahead: int  # answers that have to end before it begins


NO_WAIT = Wait(0, 0)


def slots_of(workers: Iterable[Heartbeat]) -> dict[str, int]:
    """The number of answers that the live workers generate at a time, by service."""
    slots: dict[str, int] = {}
    for worker in workers:
        for service in worker.serves:
            slots[service] = slots.get(service, 0) + worker.slots_for(service)
    return slots


def demand() -> Counter[str]:
    """The number of answers queued or being generated, by the service they need."""
    needs = ("backend", "weights", "key_variable")
    wanted: Counter[str] = Counter()
    for kind in ON_DEMAND:
        underway = kind.objects.filter(state=Generated.State.QUEUED).order_by()
        every = underway.values_list(*(f"revision__{name}" for name in needs))
        for *values, answers in every.annotate(Count("pk")):
            wanted[Revision(**dict(zip(needs, values, strict=True))).service] += answers
    return wanted


def takes_more(answers: int, slots: int) -> bool:
    """Whether a service with `answers` under way can take another."""
    return answers < slots * (1 + MOST_WAITING)


def wait_of(answer: Answer, slots: int) -> Wait:
    """An estimate of the wait until `answer` begins."""
    queue = places.taken(_same_service(answer.revision))
    ahead = places.ahead(str(answer.stream), queue, slots)
    if ahead == 0:
        return NO_WAIT
    return Wait(ceil(ahead / slots * _usual_seconds(answer.revision)), ahead)


def _same_service(revision: Revision) -> Q:
    """Of answers under way that need the same weights, or the same key."""
    shared = {"revision__weights": revision.weights}
    if revision.is_remote:
        shared = {"revision__key_variable": revision.key_variable, "revision__weights": ""}
    return Q(**shared)


def _usual_seconds(revision: Revision) -> float:
    done = Answer.objects.filter(revision=revision, total_s__isnull=False)
    newest = done.order_by("-pk").values_list("total_s", flat=True)[:RECENT]
    seconds = [value for value in newest if value is not None]
    return sum(seconds) / len(seconds) if seconds else GUESS_S
