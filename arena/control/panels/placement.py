"""Which worker holds which weights, how much they are asked for, and what would shorten waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from inference.contract.cards import cards_of
from inference.contract.presence import Heartbeat, live_workers
from inference.contract.requests import is_remote

from ... import broker
from ...models import Answer
from ...plurals import counted
from ...sites import path_of
from ..panel import Cell, Panel, Says, cells

HOUR = timedelta(hours=1)
NEWEST = 2_000  # answers that are looked at
LONG_S = 5.0  # a wait for a slot that is too long
FEWEST = 20  # answers in an hour, to advise anything
LATE_SHARE = 0.1
BUSY_SHARE = 0.7  # of the slots: from here on waits grow fast
IDLE_SHARE = 0.1


@dataclass
class Demand:
    """What some weights were asked for in the last hour."""

    answers: int = 0
    late: int = 0  # of these, that waited too long for a slot
    seconds: float = 0.0  # spent on them

    @property
    def at_once(self) -> float:
        """Answers that were being written, on average."""
        return self.seconds / HOUR.total_seconds()


@dataclass(frozen=True)
class Placed:
    """Some weights, the workers that hold them, and those that might.

    Attributes:
        bytes: their size; None if no worker has said.
    """

    weights: str
    bytes: int | None
    holders: Sequence[Heartbeat]
    others: Sequence[Heartbeat]
    demand: Demand

    @property
    def slots(self) -> int:
        return sum(each.slots for each in self.holders)

    @property
    def advice(self) -> str:
        """A sentence; "" if all is well, or too little is known."""
        asked = self.demand
        if asked.answers < FEWEST:
            return ""
        if asked.late > LATE_SHARE * asked.answers or asked.at_once > BUSY_SHARE * self.slots:
            return self._more
        if len(self.holders) > 1 and asked.at_once < IDLE_SHARE * self.slots:
            return "One worker less would do."
        return ""

    @property
    def _more(self) -> str:
        roomy = [each for each in self.others if self.bytes and room(each) >= self.bytes]
        if not roomy:
            return "Give a worker more slots (--slots), or add one with these weights."
        best = max(roomy, key=room)
        return f"Copy the file to {best.worker}, which has {filesizeformat(room(best))} to spare."


def room(worker: Heartbeat) -> int:
    """Memory that its weights may still take [bytes]."""
    return max(0, worker.ram_limit - worker.ram_bytes)


class Placement(Panel):
    """Nothing while no worker holds any weights."""

    name = "placement"
    subject = "Weights and where they are"
    permission = "arena.view_contestant"
    is_wide = True

    def look(self) -> Says | None:
        found = placed(live_workers(broker.connection()), demands())
        if not found:
            return None
        wanting = [each for each in found if each.advice]
        title = f"{counted(len(found), 'model')} on {counted(_holders(found), 'worker')}"
        if wanting:
            title += f": {counted(len(wanting), 'piece of advice', 'pieces of advice')}"
        return Says(
            title,
            f"{path_of('status')}#workers",
            "Of the last hour. At once: how many answers were being written, on average, of how "
            f"many that can be. Late: waited over {LONG_S:.0f} s for a slot.",
            columns=("Weights", "Size", "Held by", "Answers", "At once", "Late", "Advice"),
            rows=[_row(each) for each in found],
        )


def placed(workers: Sequence[Heartbeat], asked: dict[str, Demand]) -> list[Placed]:
    """All weights, the most asked for first."""
    names = {name for worker in workers for name in worker.serves if not is_remote(name)}
    cards = cards_of(broker.connection(), sorted(names))
    found = [
        Placed(
            name,
            cards[name].bytes if name in cards else None,
            [each for each in workers if name in each.serves],
            [each for each in workers if name not in each.serves],
            asked.get(name, Demand()),
        )
        for name in sorted(names)
    ]
    return sorted(found, key=lambda each: -each.demand.answers)


def demands() -> dict[str, Demand]:
    """By weights, of the newest answers. Those of prepared battles are copies of old ones."""
    newest = Answer.objects.order_by("-pk").values("pk")[:NEWEST]
    rows = Answer.objects.filter(
        pk__in=newest, dispatched__gte=timezone.now() - HOUR, queued_s__isnull=False
    ).exclude(revision__weights="")
    found: dict[str, Demand] = {}
    for weights, queued_s, total_s in rows.values_list("revision__weights", "queued_s", "total_s"):
        one = found.setdefault(weights, Demand())
        one.answers += 1
        one.late += (queued_s or 0.0) > LONG_S
        one.seconds += total_s or 0.0
    return found


def _holders(found: Iterable[Placed]) -> int:
    return len({each.worker for one in found for each in one.holders})


def _row(one: Placed) -> list[Cell]:
    asked = one.demand
    return cells(
        one.weights,
        filesizeformat(one.bytes) if one.bytes else "",
        ", ".join(each.worker for each in one.holders),
        f"{asked.answers:,}",
        f"{asked.at_once:.1f} of {one.slots}",
        f"{asked.late / asked.answers:.0%}" if asked.answers else "",
        one.advice,
    )
