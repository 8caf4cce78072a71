"""Choosing the pair of a battle ("sampling" means token sampling only)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from inference.counting import PATIENCE_S
from inference.presence import live_workers
from inference.spending import exhausted, spent_today

from . import broker, fitting, resting
from .errors import Refusal
from .models import Campaign, Contestant, PairWeights, Revision
from .waiting import demand, slots_of, takes_more

POLICY = "active-1"  # by how much a vote on the pair would tell, with a uniform floor

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
    """The newest revisions of the active contestants that some live worker serves and that have
    not used up their day's money."""
    slots = slots_of(live_workers(broker.connection()))
    active = Revision.objects.filter(contestant__state=Contestant.State.ACTIVE)
    newest = active.order_by("contestant_id", "-number").distinct("contestant_id")
    served = [r for r in newest.select_related("contestant") if r.service in slots]
    return [r for r in served if not _too_dear(r)]


def able(prompt: str = "") -> list[Revision]:
    """Those in service that `prompt` fits, whose queue is not full and, if two are left, that do
    not rest. Raises Refusal while they are fewer than two."""
    slots = slots_of(live_workers(broker.connection()))
    candidates = fitting.among(in_service(), prompt, patience_s=PATIENCE_S)
    wanted = demand()
    free = [r for r in candidates if takes_more(wanted[r.service], slots.get(r.service, 0))]
    if len(free) < 2 <= len(candidates):
        raise Refusal(
            "Many people are asking right now, and every queue is full. Your prompt is kept; try "
            "again in half a minute.",
            code="busy",
            status=503,
        )
    if len(candidates) < 2:
        raise Refusal(
            "The models are not ready yet: two are needed for a battle, and "
            f"{len(candidates) or 'none'} can answer right now. Your prompt is kept; try again "
            "in a few seconds.",
            code="not_in_service",
            status=503,
        )
    return _awake(free, needed=2)


def draw_pair(campaign: Campaign, prompt: str = "") -> Draw:
    """Draw two different contestants. Raises Refusal while fewer than two can answer `prompt`."""
    pairs = list(combinations(able(prompt), 2))
    chances = chances_of(campaign, pairs)
    [drawn] = _chance.choices(range(len(pairs)), chances)
    a, b = _chance.sample(pairs[drawn], 2)
    return Draw(a, b, probability=chances[drawn])


def chances_of(campaign: Campaign, pairs: Sequence[tuple[Revision, Revision]]) -> list[float]:
    """The probability of each pair: in proportion to what the ratings wrote down. A pair they do
    not know yet counts as much as the one that would tell most."""
    written = PairWeights.objects.filter(campaign=campaign).first()
    known = written.weights if written else {}
    weights = [known.get(PairWeights.key(a.contestant_id, b.contestant_id)) for a, b in pairs]
    most = max((weight for weight in weights if weight is not None), default=1.0)
    filled = [most if weight is None else weight for weight in weights]
    return [weight / sum(filled) for weight in filled]


def draw_replacement(present: tuple[Contestant, Contestant], prompt: str = "") -> Revision | None:
    """Somebody who can take a fallen contestant's place, or None."""
    others = [r for r in in_service() if r.contestant not in present]
    candidates = [r for r in others if fitting.has_room(r, prompt)]
    return _chance.choice(_awake(candidates, needed=1)) if candidates else None


def _awake(candidates: list[Revision], needed: int) -> list[Revision]:
    """Without those that rest, unless that leaves fewer than are `needed`: somebody who may fail
    is better than nobody."""
    tired = {rest.revision.pk for rest in resting.among(candidates)}
    awake = [revision for revision in candidates if revision.pk not in tired]
    return awake if len(awake) >= needed else candidates


def _too_dear(revision: Revision) -> bool:
    endpoint = revision.endpoint
    if endpoint is None or (endpoint.daily_tokens is None and endpoint.daily_usd is None):
        return False
    spent = spent_today(broker.connection(), endpoint.meter)
    return bool(exhausted(spent, endpoint.daily_tokens, endpoint.daily_usd))
