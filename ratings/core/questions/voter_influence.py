"""How much does each voter influence the board?"""

from dataclasses import dataclass

import numpy as np

from ratings.core.data.arrays import FloatArray, IntArray, ReadOnly
from ratings.core.data.errors import NotEnoughDataError
from ratings.core.data.graph import Status
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.data.tallies import BothBadReading, Tallies, merge_verdicts
from ratings.core.fit.fitting import fit_rated
from ratings.core.uncertainty.covariance import bread, voter_scores

VOTERS_PER_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class VoterInfluence(ReadOnly):
    """What leaving out a voter would change, to first order in the voter's votes.

    Attributes:
        shift: (V,) change of the score that would change most, Elo points, with its sign.
        model: (V,) that model; -1 for voters without votes on rated models.
        swaps: (V,) pairs of models that would change places.
    """

    shift: FloatArray
    model: IntArray
    swaps: IntArray


def voter_influence(tallies: Tallies, *, both_bad: BothBadReading = "tie") -> VoterInfluence:
    """First-order change of the half-win board without each voter (the infinitesimal jackknife).

    Jaeckel, "The infinitesimal jackknife" (Bell Laboratories, 1972).

    Raises:
        NotEnoughDataError: tallies without voters, or nobody can be rated.
    """
    if tallies.voters is None:
        raise NotEnoughDataError("Influence needs tallies made with voter=...")
    outcomes = merge_verdicts(tallies.weights, both_bad)
    rated = fit_rated(tallies.pairs, outcomes, tallies.n_models, "half")
    if rated.fit is None:
        raise NotEnoughDataError("No two models can be rated.")
    votes, size = tallies.voters.of_pairs(rated.inside), tallies.voters.n_voters
    own = merge_verdicts(votes.weights, both_bad)
    scores = voter_scores(rated.fit, votes.voter, votes.pair, own, size)
    members = np.flatnonzero(rated.status == Status.RATED)
    spread, changes = bread(rated.fit), []
    for start in range(0, size, VOTERS_PER_BLOCK):
        without = scores[start : start + VOTERS_PER_BLOCK] @ -spread
        changes.append(_summary(without, rated.fit.point))
    shift, worst, swaps = (np.concatenate(column) for column in zip(*changes, strict=True))
    present = np.bincount(votes.voter, minlength=size) > 0
    return VoterInfluence(shift * POINTS_PER_NAT, np.where(present, members[worst], -1), swaps)


def _summary(change: FloatArray, point: FloatArray) -> tuple[FloatArray, IntArray, IntArray]:
    worst = np.argmax(np.abs(change), axis=1)
    best_first = (point + change)[:, np.argsort(-point, kind="stable")]
    swaps = np.array([_inversions(scores) for scores in best_first])
    return change[np.arange(len(change)), worst], worst, swaps


def _inversions(scores: FloatArray) -> int:
    # Pairs that are no longer in descending order.
    above, below = np.triu_indices(len(scores), 1)
    return int((scores[above] < scores[below]).sum())
