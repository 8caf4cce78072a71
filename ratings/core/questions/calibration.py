"""Calibration: do models win as often as their ratings say?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaln, xlog1py, xlogy

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
        error: mean |expected - observed| over groups, weighted by votes. Pairs whose errors cancel
            out within a group do not show in it.
        by_pair: the same over pairs; chance: what it would be if only chance kept them apart, and
            the scores were known. They are fitted to the votes, so with few pairs it is less.
        misfit: chi-square per degree of freedom of the pairs, over the scatter of votes within
            them, which ties make smaller: 1 if only chance keeps them apart. NaN, as is `chance`,
            if no pair has two votes; NaN, too, if the pairs are no more than the scores.
    """

    expected: FloatArray
    observed: FloatArray
    lower: FloatArray
    upper: FloatArray
    votes: FloatArray
    error: float
    by_pair: float
    chance: float
    misfit: float

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
    pairs = _Pairs.of(tallies, ratings)
    return _group(pairs, bins, ratings.settings.level)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """(P,) pairs of rated models with votes, each seen from its favourite."""

    expected: FloatArray
    won: FloatArray
    scatter: FloatArray  # squared differences of a pair's votes from their mean, summed
    votes: FloatArray
    models: int

    @classmethod
    def of(cls, tallies: Tallies, ratings: Scored) -> "_Pairs":
        first, second = tallies.pairs.T
        expected = expected_win_rate(ratings.scores[first], ratings.scores[second])
        votes = tallies.counts.sum(axis=1)
        known = np.isfinite(expected) & (votes > 0)
        if not known.any():
            raise NotEnoughDataError("No vote is between two rated models.")
        expected, votes, counts = expected[known], votes[known], tallies.counts[known]
        drawn = counts[:, Verdict.TIE] + counts[:, Verdict.BOTH_BAD]
        won = counts[:, Verdict.A] + 0.5 * drawn
        scatter = counts[:, Verdict.A] + 0.25 * drawn - won**2 / votes
        won = np.where(expected >= 0.5, won, votes - won)
        models = len(np.unique(tallies.pairs[known]))
        return cls(np.maximum(expected, 1.0 - expected), won, scatter, votes, models)

    @property
    def apart(self) -> FloatArray:
        return np.abs(self.won / self.votes - self.expected)

    @property
    def variance(self) -> FloatArray:
        """Of a vote without ties."""
        return np.maximum(self.expected * (1.0 - self.expected), np.finfo(float).eps)

    @property
    def dispersion(self) -> float:
        """The variance of a vote within its pair, over that of a vote without ties."""
        freedom = float((self.votes - 1.0).sum())
        return float((self.scatter / self.variance).sum()) / freedom if freedom > 0 else np.nan

    def mean(self, values: FloatArray) -> float:
        return float(np.average(values, weights=self.votes))

    def chance(self) -> float:
        """The mean |expected - observed| of a binomial share (De Moivre 1730; Diaconis and Zabell,
        Statistical Science 6, 1991), with ties."""
        n, p = self.votes, self.expected
        k = np.floor(n * p) + 1.0
        ways = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
        deviation = 2.0 * k / n * np.exp(ways + xlogy(k, p) + xlog1py(n - k + 1.0, -p))
        return self.mean(deviation) * float(np.sqrt(self.dispersion))

    def misfit(self) -> float:
        freedom, dispersion = len(self.votes) - (self.models - 1), self.dispersion
        if freedom < 1 or not dispersion > 0.0:
            return np.nan
        return float((self.votes * self.apart**2 / self.variance).sum()) / freedom / dispersion


def _group(pairs: _Pairs, bins: int, level: float) -> Calibration:
    expected, won, votes = pairs.expected, pairs.won, pairs.votes
    group = np.minimum(((expected - 0.5) * 2 * bins).astype(np.int64), bins - 1)
    sums = [add_up(group, column, bins) for column in (votes, expected * votes, won)]
    used = sums[0] > 0
    total, predicted, actual = (column[used] for column in sums)
    lower, upper = wilson_interval(actual, total, level)
    return Calibration(
        expected=predicted / total,
        observed=actual / total,
        lower=lower,
        upper=upper,
        votes=total,
        error=float(np.abs(predicted - actual).sum() / total.sum()),
        by_pair=pairs.mean(pairs.apart),
        chance=pairs.chance(),
        misfit=pairs.misfit(),
    )
