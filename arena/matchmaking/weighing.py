"""What the policy of a campaign makes of those who play: for live and for prepared battles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from django.db.models import Max

from ..models import Campaign, MatchmakingPolicy, PairWeights
from . import changing
from .odds import Odds, informed
from .policies import pair_weights
from .strategies import Facts


@dataclass(frozen=True, eq=False)
class Prepared:
    """The odds of a draw, and the label of the policy that they follow."""

    odds: Odds
    policy: str


def odds_of(campaign: Campaign, playing: tuple[int, ...]) -> Prepared:
    """The odds of a draw, cached for the same contestants, weights and policy."""
    # One query: this is asked before every battle. Policies are frozen, so the newest key says all.
    newest = Campaign.objects.filter(pk=campaign.pk).order_by()
    known = newest.values_list("kind", "pair_weights__computed", Max("matchmaking__pk")).get()
    return _odds(campaign.pk, *known, playing)


@lru_cache(maxsize=8)
def _odds(
    campaign: int,
    kind: str,
    computed: datetime | None,
    policy: int | None,
    playing: tuple[int, ...],
) -> Prepared:
    first = changing.first_of(Campaign(pk=campaign, kind=kind))
    rules = MatchmakingPolicy.objects.get(pk=policy) if policy else first
    weights = pair_weights(facts_of(campaign, playing), changing.rules_of(rules))
    return Prepared(Odds.of(len(playing), weights), rules.label)


def facts_of(campaign: int, playing: Sequence[int]) -> Facts:
    """What strategies may know of these contestants, as the ratings last computed it."""
    written = PairWeights.objects.filter(campaign=campaign).first()
    known, weights, counted = (
        (written.contestants, bytes(written.weights), written.votes) if written else ([], b"", [])
    )
    votes = dict(zip(known, counted, strict=False))  # rows of older versions have none
    return Facts(
        playing,
        np.array([votes.get(key, 0) for key in playing], dtype=float),
        informed(known, weights, playing),
    )
