"""The status of the arena: a summary for everyone, details for staff.

Only staff see the answers under way: which model is busy could reveal to a voter who is answering,
and in a quiet arena even their number would reveal when the first of two answers ended.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from inference.contract.presence import Heartbeat, live_workers
from inference.contract.requests import is_remote, key_of_service

from .. import broker
from ..matchmaking import ability
from ..matchmaking.ability import Ability
from ..matchmaking.waiting import slots_of, under_way
from ..models import Battle
from ..plurals import counted
from .health import Health

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Service:
    """One model's weights or API, over all workers."""

    name: str
    slots: int
    free: int
    running: int
    waiting: int
    oldest_s: float | None = None  # for which the first of those has waited

    @property
    def title(self) -> str:
        if not is_remote(self.name):
            return self.name
        key = key_of_service(self.name)
        return _("APIs with %(key)s") % {"key": key} if key else _("APIs without a key")


@dataclass(frozen=True)
class Status:
    workers: list[Heartbeat]
    in_service: int  # contestants that can be drawn
    active: list[Ability]
    running: int  # answers
    waiting: int
    battles: int  # begun in the last hour
    services: list[Service]
    health: Health

    @property
    def able(self) -> int:
        return sum(each.is_able for each in self.active)

    @property
    def absent(self) -> list[Ability]:
        """Active, but unable to answer. Everyone sees how many there are, but only staff see the
        names, which would narrow down which models a voter may be seeing."""
        return [each for each in self.active if not each.is_able]

    @property
    def resting(self) -> list[Ability]:
        return [each for each in self.active if each.is_resting]

    @property
    def sentences(self) -> list[str]:
        if self.health.problems:
            return self.health.problems
        if not self.workers:
            return [_("No model worker is running: no model can answer.")]
        if self.in_service < 2:
            return [_("Fewer than two models can answer right now.")]
        return [" ".join([self._models, *self.health.notes])]

    @property
    def _models(self) -> str:
        if not self.absent:
            return _("Everything is running.")
        return _("Of %(models)s, %(able)s can answer at the moment.") % {
            "models": counted(len(self.active), "active model"),
            "able": self.able,
        }


def look(health: Health) -> Status:
    workers = live_workers(broker.connection())
    services = services_of(workers)
    return Status(
        workers=sorted(workers, key=lambda worker: worker.worker),
        in_service=len(ability.in_service(workers)),
        active=ability.of_active(),
        running=sum(service.running for service in services),
        waiting=sum(service.waiting for service in services),
        battles=Battle.objects.filter(created__gt=timezone.now() - HOUR).count(),
        services=services,
        health=health,
    )


def services_of(workers: list[Heartbeat]) -> list[Service]:
    """All that are served or needed."""
    running: Counter[str] = Counter()
    for worker in workers:
        running.update(worker.load)
    begun, slots = under_way(), slots_of(workers)
    return [
        Service(
            name,
            slots=slots.get(name, 0),
            free=sum(worker.free(name) for worker in workers if name in worker.serves),
            running=running[name],
            waiting=max(0, len(begun.get(name, [])) - running[name]),
            oldest_s=_oldest(begun.get(name, []), running[name]),
        )
        for name in sorted({*slots, *begun, *running})
    ]


def _oldest(ages: list[float], running: int) -> float | None:
    """Of what waits: the first to arrive are running."""
    return ages[running] if len(ages) > running else None
