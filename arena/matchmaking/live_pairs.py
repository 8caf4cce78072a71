"""Choosing the pair of a battle ("sampling" means token sampling only)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils.translation import gettext as _

from inference.contract.limits import COUNTING
from inference.contract.presence import live_workers

from .. import broker
from ..errors import Code, Refused
from ..models import Campaign, Contestant, PairWeights, Revision
from . import ability, fitting, resting
from .odds import Odds, prepared
from .waiting import demand, slots_of, takes_more

POLICY = "active-1"  # by the information a vote on the pair would add, with a uniform floor

# The side of a contestant must be unpredictable, not merely uniformly distributed.
_chance = random.SystemRandom()


@dataclass(frozen=True)
class Draw:
    """The revisions on both sides, and the selection probability of the pair, whichever way round
    its sides are."""

    a: Revision
    b: Revision
    probability: float
    policy: str = POLICY


def in_service() -> list[Revision]:
    """The newest revisions of the active contestants that can answer now, resting ones too."""
    return ability.in_service(live_workers(broker.connection()))


def able(prompt: str = "") -> list[Revision]:
    """The revisions in service that `prompt` fits and whose queue is not full; without resting
    ones, if that leaves two. Raises Refused if there are fewer than two."""
    workers = live_workers(broker.connection())
    slots, known = slots_of(workers), ability.in_service(workers)
    candidates = fitting.among(known, prompt, patience_s=COUNTING.patience_s)
    wanted = demand()
    full = {service for service, n in slots.items() if not takes_more(wanted[service], n)}
    free = [r for r in candidates if r.service not in full] if full else candidates
    if len(free) < 2 <= len(candidates):
        raise Refused(
            _(
                "Many people are asking right now, and every queue is full. Your prompt is kept; "
                "try again in half a minute."
            ),
            code=Code.BUSY,
            status=503,
        )
    if len(candidates) < 2:
        raise Refused(
            not_ready(len(candidates)),
            code=Code.NOT_IN_SERVICE,
            status=503,
        )
    return _awake(free, needed=2)


def not_ready(able: int) -> str:
    if able:
        return _(
            "The models are not ready yet: two are needed for a battle, and only one can answer "
            "right now. Your prompt is kept; try again in a few seconds."
        )
    return _(
        "The models are not ready yet: two are needed for a battle, and none can answer right now. "
        "Your prompt is kept; try again in a few seconds."
    )


def draw_pair(campaign: Campaign, prompt: str = "") -> Draw:
    """Draw two different contestants. Raises Refused while fewer than two can answer `prompt`."""
    playing = able(prompt)
    odds = odds_of(campaign, tuple(revision.contestant_id for revision in playing))
    first, second, probability = odds.draw(_chance.random())
    a, b = _chance.sample((playing[first], playing[second]), 2)
    return Draw(a, b, probability)


def odds_of(campaign: Campaign, playing: tuple[int, ...]) -> Odds:
    """The odds of a draw, cached for the same contestants and weights."""
    written = PairWeights.objects.filter(campaign=campaign)
    computed = written.values_list("computed", flat=True).first()
    return _odds(campaign.pk, computed, playing)


@lru_cache(maxsize=8)
def _odds(campaign: int, computed: datetime | None, playing: tuple[int, ...]) -> Odds:
    written = PairWeights.objects.filter(campaign=campaign).first() if computed else None
    known, weights = (written.contestants, written.weights) if written else ([], b"")
    return prepared(known, bytes(weights), playing)


def draw_replacement(present: tuple[Contestant, Contestant], prompt: str = "") -> Revision | None:
    """A contestant to replace one that failed; None if there is none."""
    others = [r for r in in_service() if r.contestant not in present]
    candidates = [r for r in others if fitting.has_room(r, prompt)]
    return _chance.choice(_awake(candidates, needed=1)) if candidates else None


def _awake(candidates: list[Revision], needed: int) -> list[Revision]:
    """The candidates that are not resting; all of them if that would leave fewer than `needed`,
    since a contestant that may fail is better than none."""
    tired = {rest.revision.pk for rest in resting.among(candidates)}
    if not tired:
        return candidates
    awake = [revision for revision in candidates if revision.pk not in tired]
    return awake if len(awake) >= needed else candidates
