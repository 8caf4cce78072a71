"""Queues, honestly: who can take on more, and how long a volunteer will wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from django.db.models import Count, QuerySet

from inference.contract.presence import Heartbeat

from ..models import Answer, Revision

MOST_WAITING = 4  # for each slot: beyond that a model takes part in no new battle
RECENT = 50  # answers from which the time of one is estimated
GUESS_S = 10.0  # before there were any


@dataclass(frozen=True, order=True)
class Wait:
    """What stands before an answer. Only the longer one of a battle is shown: which side it is
    would tell something about its contestant."""

    seconds: int
    ahead: int  # answers that have to end before it begins


NO_WAIT = Wait(0, 0)


def slots_of(workers: Iterable[Heartbeat]) -> dict[str, int]:
    """How many answers of each service the live workers make at a time."""
    slots: dict[str, int] = {}
    for worker in workers:
        for service in worker.serves:
            slots[service] = slots.get(service, 0) + worker.slots_for(service)
    return slots


def demand() -> Counter[str]:
    """Answers that are queued or being written, by the service they need."""
    needs = ("backend", "weights", "key_variable")
    underway = Answer.objects.filter(state=Answer.State.QUEUED).order_by()
    counted = underway.values_list(*(f"revision__{name}" for name in needs)).annotate(Count("pk"))
    wanted: Counter[str] = Counter()
    for *values, answers in counted:
        wanted[Revision(**dict(zip(needs, values, strict=True))).service] += answers
    return wanted


def takes_more(answers: int, slots: int) -> bool:
    """Whether a service with so many answers under way can have another."""
    return answers < slots * (1 + MOST_WAITING)


def wait_of(answer: Answer, slots: int) -> Wait:
    """How long until `answer` begins, as far as anybody can know."""
    before = _same_service(answer.revision).filter(dispatched__lt=answer.dispatched).count()
    ahead = before - slots + 1
    if ahead <= 0 or slots == 0:
        return NO_WAIT
    return Wait(ceil(ahead / slots * _usual_seconds(answer.revision)), ahead)


def _same_service(revision: Revision) -> QuerySet[Answer]:
    """Answers under way that need the same weights, or the same key."""
    shared = {"revision__weights": revision.weights}
    if revision.is_remote:
        shared = {"revision__key_variable": revision.key_variable, "revision__weights": ""}
    return Answer.objects.filter(state=Answer.State.QUEUED, **shared)


def _usual_seconds(revision: Revision) -> float:
    done = Answer.objects.filter(revision=revision, total_s__isnull=False)
    newest = done.order_by("-pk").values_list("total_s", flat=True)[:RECENT]
    seconds = [value for value in newest if value is not None]
    return sum(seconds) / len(seconds) if seconds else GUESS_S
