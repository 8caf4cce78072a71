"""Choosing the pair of a battle ("sampling" means token sampling only)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import comb

from inference.presence import weights_in_service

from . import broker
from .errors import Refusal
from .models import Contestant, Revision

POLICY = "uniform-1"

# Which side a contestant stands on must be unpredictable, not merely evenly spread.
_chance = random.SystemRandom()


@dataclass(frozen=True)
class Draw:
    """Two contestants as they are today, with their sides, and how likely this pair was (either
    way round)."""

    a: Revision
    b: Revision
    probability: float
    policy: str = POLICY


def in_service() -> list[Revision]:
    """The newest revisions of the active contestants whose weights some live worker holds."""
    weights = weights_in_service(broker.connection())
    active = Revision.objects.filter(contestant__state=Contestant.State.ACTIVE)
    newest = active.order_by("contestant_id", "-number").distinct("contestant_id")
    return [r for r in newest.select_related("contestant") if r.weights in weights]


def draw_pair() -> Draw:
    """Draw two different contestants. Raises Refusal while fewer than two can answer."""
    candidates = in_service()
    if len(candidates) < 2:
        raise Refusal(
            "The models are not ready yet: two are needed for a battle, and "
            f"{len(candidates) or 'none'} can answer right now. Your prompt is kept; try again "
            "in a few seconds.",
            code="not_in_service",
            status=503,
        )
    a, b = _chance.sample(candidates, 2)
    return Draw(a, b, probability=1 / comb(len(candidates), 2))


def draw_replacement(present: tuple[Contestant, Contestant]) -> Revision | None:
    """Somebody who can take a fallen contestant's place, or None."""
    candidates = [r for r in in_service() if r.contestant not in present]
    return _chance.choice(candidates) if candidates else None
