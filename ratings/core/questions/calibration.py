"""Calibration: do models win as often as their ratings say?"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ratings.core.data.arrays import FloatArray, ReadOnly
from ratings.core.data.errors import NotEnoughDataError, RatingsError
from ratings.core.data.frames import frame
from ratings.core.data.laplacian import add_up
from ratings.core.data.tallies import Tallies
from ratings.core.data.verdicts import Verdict
from ratings.core.methods.ratings import Scored
from ratings.core.questions.win_rates import expected_win_rate
from ratings.core.uncertainty.proportions import wilson_interval


@dataclass(frozen=True, eq=False)
class Calibration(ReadOnly):
    """Votes grouped by how likely the favourite was to win, from 50% to 100% in equal steps.

    Attributes:
        expected, observed: (k,) mean predicted and actual share of the vote of the favourite, ties
            half; empty groups are left out.
        lower, upper: (k,) Wilson interval of the observed share.
        votes: (k,) votes in the group.
        error: mean |expected - observed| over groups, weighted by votes.
    """

    expected: FloatArray
    observed: FloatArray
    lower: FloatArray
    upper: FloatArray
    votes: FloatArray
    error: float

    def to_frame(self) -> Any:
        """A `pandas.DataFrame` with a row for each group. Needs pandas."""
        columns = ("expected", "observed", "lower", "upper", "votes")
        return frame({name: getattr(self, name) for name in columns})


def calibration(tallies: Tallies, ratings: Scored, *, bins: int = 10) -> Calibration:
    """Compare ratings with the votes they were fitted to or, a stricter test, with held-out votes.

    Raises:
        NotEnoughDataError: no vote is between two rated models.
        RatingsError: the ratings are for another number of models; bins below 1.
    """
    if len(ratings.scores) != tallies.n_models or bins < 1:
        raise RatingsError(f"{len(ratings.scores)} ratings, {tallies.n_models} models, {bins=}.")
    first, second = tallies.pairs.T
    expected = expected_win_rate(ratings.scores[first], ratings.scores[second])
    votes = tallies.counts.sum(axis=1)
    drawn = tallies.counts[:, Verdict.TIE] + tallies.counts[:, Verdict.BOTH_BAD]
    won = tallies.counts[:, Verdict.A] + 0.5 * drawn
    known = np.isfinite(expected) & (votes > 0)
    if not known.any():
        raise NotEnoughDataError("No vote is between two rated models.")
    expected, votes, won = expected[known], votes[known], won[known]
    won = np.where(expected >= 0.5, won, votes - won)
    expected = np.maximum(expected, 1.0 - expected)
    return _group(expected, won, votes, bins, ratings.settings.level)


def _group(
    expected: FloatArray, won: FloatArray, votes: FloatArray, bins: int, level: float
) -> Calibration:
    group = np.minimum(((expected - 0.5) * 2 * bins).astype(np.int64), bins - 1)
    sums = [add_up(group, column, bins) for column in (votes, expected * votes, won)]
    used = sums[0] > 0
    total, predicted, actual = (column[used] for column in sums)
    lower, upper = wilson_interval(actual, total, level)
    apart = np.abs(predicted - actual).sum() / total.sum()
    return Calibration(predicted / total, actual / total, lower, upper, total, float(apart))
