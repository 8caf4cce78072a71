"""The quality floor: how often a model takes part in a battle whose answers are both bad.

Ratings are relative: they cannot tell a field of good models from a field of bad ones. Both-bad
votes can, so they get a figure of their own.
"""

from dataclasses import dataclass

import numpy as np

from ratings.core.data.arrays import FloatArray, ReadOnly
from ratings.core.data.tallies import Tallies
from ratings.core.data.verdicts import Verdict
from ratings.core.methods.ratings import check_level
from ratings.core.uncertainty.proportions import wilson_interval


@dataclass(frozen=True, eq=False)
class QualityFloor(ReadOnly):
    """Share of both-bad votes.

    Attributes:
        share, lower, upper: (n,) of each model's votes, with Wilson intervals; NaN without votes.
        votes: (n,) votes each model took part in.
        overall: of all votes.
        level: confidence level.
    """

    share: FloatArray
    lower: FloatArray
    upper: FloatArray
    votes: FloatArray
    overall: float
    level: float


def quality_floor(tallies: Tallies, *, level: float = 0.95) -> QualityFloor:
    """Share of both-bad votes per model and overall.

    Raises:
        RatingsError: level outside (0, 1).
    """
    check_level(level)
    bad, votes = tallies.per_model(tallies.counts[:, Verdict.BOTH_BAD]), tallies.votes
    lower, upper = wilson_interval(bad, votes, level)
    share = np.divide(bad, votes, out=np.full(tallies.n_models, np.nan), where=votes > 0)
    overall = float(tallies.counts[:, Verdict.BOTH_BAD].sum() / tallies.n_votes)
    return QualityFloor(share, lower, upper, votes, overall, level)
