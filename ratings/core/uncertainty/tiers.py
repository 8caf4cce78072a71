"""Tiers: groups of models that the votes do not separate from the best of the group."""

import numpy as np

from ratings.core.data.arrays import FloatArray, IntArray
from ratings.core.uncertainty.ranks import gap_deviations

MOST = 8  # tiers; the last one holds all that are left


def tiers_beyond(
    scores: FloatArray, covariance: FloatArray, critical: float, most: int = MOST
) -> IntArray:
    """The tier of every model, from 1.

    The best model is the anchor of the first tier. Down the board, models join the tier until one
    of them is separated from its anchor: its gap exceeds the simultaneous (max-t) margin, as for
    rank ranges. That model is the anchor of the next tier. Anchors never move within a tier: if
    each model were compared with the one above it, a chain of small steps would join best and
    worst.

    The margins hold for all pairs at once. So with the probability of `critical`, whichever models
    became anchors, every anchor is truly better than the anchors of all later tiers.

    Args:
        scores: (n,) and covariance: (n, n) of the rated models, in any one unit.
        critical: see `ranks.critical_value`, in standard deviations of each gap.
        most: number of tiers; the last one takes all that are left, whatever their gaps.

    Returns:
        (n,) tiers; equal scores are taken in index order.
    """
    order = np.argsort(-scores, kind="stable")
    tiers = np.zeros(len(scores), dtype=np.int64)
    start = 0
    for tier in range(1, most + 1):
        rest = order[start:]
        tiers[rest] = tier
        if not len(rest):
            break
        start += _first_separated(scores, covariance, critical, rest)
    return tiers


def _first_separated(
    scores: FloatArray, covariance: FloatArray, critical: float, rest: IntArray
) -> int:
    """Place among the `rest`, best first, of the first that is separated from the best of them;
    their number if none is."""
    anchor = int(rest[0])
    deviation = gap_deviations(covariance, slice(anchor, anchor + 1))[0, rest]
    beyond = scores[anchor] - scores[rest] > critical * deviation
    return int(beyond.argmax()) if beyond.any() else len(rest)
