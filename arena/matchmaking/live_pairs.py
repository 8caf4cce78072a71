"""Choosing the pair of a battle ("sampling" means token sampling only)."""

from __future__ import annotations

import random
from collections.abc import Container
from dataclasses import dataclass

from django.utils.translation import gettext as _

from inference.contract.limits import COUNTING
from inference.contract.presence import live_workers

from .. import broker
from ..errors import Code, Refused
from ..models import Campaign, Contestant, Revision, Voter
from . import ability, fair_share, fitting, left_pairs, resting
from .waiting import slots_of
from .weighing import odds_of

# The side of a contestant must be unpredictable, not merely uniformly distributed.
_chance = random.SystemRandom()


@dataclass(frozen=True)
class Draw:
    """The revisions on both sides, the selection probability of the pair, whichever way round its
    sides are, and the policy by which it was drawn."""

    a: Revision
    b: Revision
    probability: float
    policy: str


def in_service() -> list[Revision]:
    """The newest revisions of the active contestants that can answer now, resting ones too."""
    return ability.in_service(live_workers(broker.connection()))


def able(
    prompt: str = "", campaign: Campaign | None = None, voter: Voter | None = None
) -> list[Revision]:
    """The revisions in service that `prompt` fits and whose queue is not full, nor the voter's
    share of it, of the campaign's contestants; without resting ones, if that leaves two. Raises
    Refused if there are fewer than two."""
    workers = live_workers(broker.connection())
    slots, known = slots_of(workers), entered(ability.in_service(workers), campaign)
    candidates = fitting.among(known, prompt, patience_s=COUNTING.patience_s)
    queues = fair_share.Queues.seen_by(voter)
    full = {service for service, n in slots.items() if queues.is_full(service, n)}
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
    left = [r for r in free if not queues.is_used_up(r.service, slots[r.service])]
    if len(left) < 2:
        raise fair_share.refused()
    return _awake(left, needed=2)


def entered(revisions: list[Revision], campaign: Campaign | None) -> list[Revision]:
    """Those whose contestants take part in the campaign: all, if it names none."""
    chosen = set(campaign.contestants.values_list("pk", flat=True)) if campaign else set()
    return [one for one in revisions if one.contestant_id in chosen] if chosen else revisions


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


def draw_pair(campaign: Campaign, prompt: str = "", voter: Voter | None = None) -> Draw:
    """Draw two different contestants. Raises Refused while fewer than two can answer `prompt`, or
    if the campaign's policy lets none of those who can meet."""
    playing = able(prompt, campaign, voter)
    contestants = tuple(revision.contestant_id for revision in playing)
    prepared = odds_of(campaign, contestants)
    if prepared.odds.is_empty:
        raise Refused(never_meet(), code=Code.NOT_IN_SERVICE, status=503)
    odds = left_pairs.spared(prepared.odds, contestants, voter) if voter else prepared.odds
    first, second, probability = odds.draw(_chance.random())
    a, b = _chance.sample((playing[first], playing[second]), 2)
    return Draw(a, b, probability, prepared.policy)


def never_meet() -> str:
    return _(
        "The models that can answer right now do not meet in this campaign. Your prompt is kept; "
        "try again later."
    )


def draw_replacement(
    present: tuple[Contestant, Contestant],
    prompt: str = "",
    never: Container[int] = (),
    campaign: Campaign | None = None,
) -> Revision | None:
    """A contestant of the campaign to replace one that failed, none of those that are `never` to
    meet the other; None if there is none."""
    playing = entered(in_service(), campaign)
    others = [r for r in playing if r.contestant not in present and r.contestant_id not in never]
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
