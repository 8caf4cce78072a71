"""Pairwise win rates: what happened between two models, beside what the ratings expect."""

from dataclasses import dataclass

import numpy as np

from ratings.core.arrays import FloatArray, ReadOnly
from ratings.core.proportions import wilson_interval
from ratings.core.ratings import Ratings, check_level
from ratings.core.scale import POINTS_PER_DECADE
from ratings.core.tallies import Tallies
from ratings.core.verdicts import Verdict


@dataclass(frozen=True, eq=False)
class WinRates(ReadOnly):
    """Row against column.

    Attributes:
        rate: (n, n) share of the votes won by the row, ties and both-bad half; NaN if never met.
        lower, upper: (n, n) Wilson intervals, which treat a tie as less certain than it is: they
            are, if anything, too wide.
        votes: (n, n) votes on the pair.
        level: confidence level.
    """

    rate: FloatArray
    lower: FloatArray
    upper: FloatArray
    votes: FloatArray
    level: float


def win_rates(tallies: Tallies, *, level: float = 0.95) -> WinRates:
    """Observed win rates of every pair.

    Raises:
        RatingsError: level outside (0, 1).
    """
    check_level(level)
    first, second = tallies.pairs.T
    drawn = 0.5 * (tallies.counts[:, Verdict.TIE] + tallies.counts[:, Verdict.BOTH_BAD])
    won = np.zeros((tallies.n_models, tallies.n_models))
    won[first, second] = tallies.counts[:, Verdict.A] + drawn
    won[second, first] = tallies.counts[:, Verdict.B] + drawn
    votes = won + won.T
    rate = np.divide(won, votes, out=np.full_like(won, np.nan), where=votes > 0)
    lower, upper = wilson_interval(won, votes, level)
    return WinRates(rate, lower, upper, votes, level)


def expected_win_rates(ratings: Ratings) -> FloatArray:
    """(n, n) probability that the row beats the column, by the scores; NaN if one is not rated."""
    gap = ratings.scores[:, None] - ratings.scores[None, :]
    expected: FloatArray = 1.0 / (1.0 + 10.0 ** (-gap / POINTS_PER_DECADE))
    return expected
