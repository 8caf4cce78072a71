"""The weights of matchmaking: how informative the next vote on each pair would be."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from django.utils import timezone

from arena.matchmaking.odds import packed
from arena.models import Campaign, Contestant, PairWeights

from ..core import Ratings, Tallies
from ..core.questions.matchmaking import matchmaking_weights
from .reading import Input

WRITE_EVERY = timedelta(minutes=1)
FLOOR = 0.2  # the share of battles drawn uniformly over pairs


def write(given: Input, result: Ratings) -> None:
    """Store the weights for a campaign's contestants that may be drawn and have votes; the arena
    handles the others."""
    if given.campaign.kind == Campaign.Kind.IMPORTED:
        return
    playing = [i for i, one in enumerate(given.contestants) if _may_play(one, given.campaign)]
    if len(playing) < 2:
        return
    keys = [given.contestants[i].pk for i in playing]
    if _are_young(given.campaign, keys):
        return
    rows = given.numbered()
    tallies = Tallies.from_counts(rows[:, :2], rows[:, 2:], len(given.contestants))
    drawn = matchmaking_weights(tallies, result, candidates=np.array(playing), floor=FLOOR)
    PairWeights.objects.update_or_create(
        campaign=given.campaign,
        defaults={
            "contestants": keys,
            "votes": tallies.votes[playing].astype(int).tolist(),
            "weights": packed(drawn.probability),
        },
    )


def _may_play(contestant: Contestant, campaign: Campaign) -> bool:
    """Prepared answers of a contestant are judged in whatever state it is by now."""
    is_prepared = campaign.kind == Campaign.Kind.PREPARED
    return is_prepared or contestant.state == Contestant.State.ACTIVE


def _are_young(campaign: Campaign, contestants: list[int]) -> bool:
    """Whether the same contestants were weighted a moment ago: one more vote changes little, and
    the number of rows is quadratic in the contestants."""
    since = timezone.now() - WRITE_EVERY
    written = PairWeights.objects.filter(campaign=campaign, computed__gt=since)
    return written.filter(contestants=contestants).exists()
