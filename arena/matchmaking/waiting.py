"""Queues: which services can take more answers, and how long a voter will wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from django.db.models import F
from django.db.models.functions import Now

from inference.contract.presence import Heartbeat

from ..models import Answer, Reply, Revision
from ..models.generated import Generated
from . import places
from .places import NEEDS

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


def under_way() -> dict[str, list[float]]:
    """For how long each of these answers has been under way [s], by service, the longest first."""
    found: dict[str, list[float]] = {}
    for kind in ON_DEMAND:
        underway = kind.objects.filter(state=Generated.State.QUEUED).order_by()
        since = underway.annotate(since=Now() - F("dispatched"))
        for age, *needs in since.values_list("since", *(f"revision__{name}" for name in NEEDS)):
            ages = found.setdefault(_service(needs), [])
            ages.append(0.0 if age is None else max(0.0, age.total_seconds()))
    return {service: sorted(ages, reverse=True) for service, ages in found.items()}


def _service(needs: Sequence[str]) -> str:
    return Revision(**dict(zip(NEEDS, needs, strict=True))).service


def takes_more(answers: int, slots: int) -> bool:
    """Whether a service with `answers` under way can take another."""
    return answers < slots * (1 + MOST_WAITING)


def waits_of(answers: Sequence[Answer], slots: Mapping[str, int]) -> dict[int, Wait]:
    """An estimate of the wait until each of the answers begins, by their keys, from one look at the
    queues. `slots` is by service. Raises RedisError."""
    waits = dict.fromkeys((answer.pk for answer in answers), NO_WAIT)
    queued = [answer for answer in answers if answer.state == Answer.State.QUEUED]
    if not queued:
        return waits
    ahead, usual = _ahead(slots), dict[int, float]()
    for answer in queued:
        if places_ahead := ahead.get(str(answer.stream), 0):
            revision = answer.revision
            if revision.pk not in usual:
                usual[revision.pk] = _usual_seconds(revision)
            seconds = places_ahead / slots[revision.service] * usual[revision.pk]
            waits[answer.pk] = Wait(ceil(seconds), places_ahead)
    return waits


def _ahead(slots: Mapping[str, int]) -> dict[str, int]:
    """Of each stream that waits for a service that has slots."""
    found = dict[str, int]()
    for service, queue in places.by_service().items():
        if of_service := slots.get(service):
            found |= places.ahead(queue, of_service)
    return found


def _usual_seconds(revision: Revision) -> float:
    done = Answer.objects.filter(revision=revision, total_s__isnull=False)
    newest = done.order_by("-pk").values_list("total_s", flat=True)[:RECENT]
    seconds = [value for value in newest if value is not None]
    return sum(seconds) / len(seconds) if seconds else GUESS_S
