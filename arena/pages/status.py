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
from ..matchmaking import live_pairs, resting
from ..matchmaking.resting import Rest
from ..matchmaking.waiting import demand, slots_of
from ..models import Battle
from ..plurals import counted
from . import health
from .absences import Absence, absences
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

    @property
    def title(self) -> str:
        if not is_remote(self.name):
            return self.name
        key = key_of_service(self.name)
        return _("APIs with %(key)s") % {"key": key} if key else _("APIs without a key")


@dataclass(frozen=True)
class Status:
    workers: list[Heartbeat]
    in_service: int  # contestants
    running: int  # answers
    waiting: int
    battles: int  # begun in the last hour
    services: list[Service]
    absent: list[Absence]  # active, but not in service
    resting: list[Rest]
    health: Health

    @property
    def sentence(self) -> str:
        if self.health.problems:
            return " ".join(self.health.problems)
        if not self.workers:
            return _("No model worker is running: no model can answer.")
        if self.in_service < 2:
            return _("Fewer than two models can answer right now.")
        return " ".join([self._models, *self.health.notes])

    @property
    def _models(self) -> str:
        if not self.absent:
            return _("Everything is running.")
        active = counted(self.in_service + len(self.absent), "active model")
        return _("Of %(models)s, %(able)s can answer at the moment.") % {
            "models": active,
            "able": self.in_service,
        }


def look() -> Status:
    workers = live_workers(broker.connection())
    running: Counter[str] = Counter()
    for worker in workers:
        running.update(worker.load)
    wanted = demand()
    slots = slots_of(workers)
    in_service = live_pairs.in_service()
    services = [
        Service(
            name,
            slots=slots.get(name, 0),
            free=sum(worker.free(name) for worker in workers if name in worker.serves),
            running=running[name],
            waiting=max(0, wanted[name] - running[name]),
        )
        for name in sorted(slots | wanted)
    ]
    return Status(
        workers=sorted(workers, key=lambda worker: worker.worker),
        in_service=len(in_service),
        running=sum(running.values()),
        waiting=sum(service.waiting for service in services),
        battles=Battle.objects.filter(created__gt=timezone.now() - HOUR).count(),
        services=services,
        absent=absences(slots, in_service),
        resting=resting.among(in_service),
        health=health.look(),
    )
