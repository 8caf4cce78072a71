"""What matchmaking draws by: how much the next vote on each pair would tell."""

from __future__ import annotations

import numpy as np

from arena.models import Campaign, Contestant, PairWeights

from .core import Ratings, Tallies
from .core.matchmaking import matchmaking_weights
from .reading import Input

FLOOR = 0.2  # the share of battles drawn as if all pairs told the same


def write(given: Input, result: Ratings) -> None:
    """Of a live campaign's contestants that may be drawn and have votes; the arena knows what to
    do about the others."""
    if given.campaign.kind != Campaign.Kind.LIVE:
        return
    active = Contestant.State.ACTIVE
    playing = [i for i, one in enumerate(given.contestants) if one.state == active]
    if len(playing) < 2:
        return
    rows = given.numbered()
    tallies = Tallies.from_counts(rows[:, :2], rows[:, 2:], len(given.contestants))
    drawn = matchmaking_weights(tallies, result, candidates=np.array(playing), floor=FLOOR)
    keys = [one.pk for one in given.contestants]
    weights = {
        PairWeights.key(keys[a], keys[b]): float(f"{chance:.6g}")
        for (a, b), chance in zip(drawn.pairs.tolist(), drawn.probability, strict=True)
    }
    PairWeights.objects.update_or_create(campaign=given.campaign, defaults={"weights": weights})
