"""Pairwise win rates: observed in the votes, and expected from the ratings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ratings.core.data.arrays import FloatArray, IntArray, ReadOnly
from ratings.core.data.frames import frame, named
from ratings.core.data.scale import POINTS_PER_DECADE
from ratings.core.data.tallies import Tallies
from ratings.core.data.verdicts import Verdict
from ratings.core.methods.ratings import Ratings, check_level
from ratings.core.uncertainty.proportions import wilson_interval


@dataclass(frozen=True, eq=False)
class MetPairs(ReadOnly):
    """Pairs that met, each seen from the model that was named first.

    Attributes:
        a, b: (K,) model indices.
        rate: (K,) share of the votes won by a, ties and both-bad half.
        lower, upper: (K,) Wilson intervals; conservative, because half a win for a tie varies less
            than a win or a loss.
        votes: (K,) votes on the pair.
    """

    a: IntArray
    b: IntArray
    rate: FloatArray
    lower: FloatArray
    upper: FloatArray
    votes: FloatArray

    def to_frame(self, models: Sequence[str] | None = None) -> Any:
        """A `pandas.DataFrame` with a row for each pair, models by name if `models` are given.
        Needs pandas.

        Raises:
            RatingsError: there are not enough names.
        """
        arrays = {name: getattr(self, name) for name in ("rate", "lower", "upper", "votes")}
        return frame({"a": named(self.a, models), "b": named(self.b, models), **arrays})


def met_pairs(tallies: Tallies, models: ArrayLike, *, level: float = 0.95) -> MetPairs:
    """Observed win rates of those pairs of `models` that met, in the order of `models`.

    Raises:
        RatingsError: level outside (0, 1).
    """
    check_level(level)
    named = np.asarray(models, dtype=np.int64)
    place = np.full(tallies.n_models, -1)
    place[named] = np.arange(len(named))
    ends, votes = place[tallies.pairs], tallies.counts.sum(axis=1)
    rows = np.flatnonzero((ends >= 0).all(axis=1) & (votes > 0))
    above, below = np.sort(ends[rows], axis=1).T
    order = np.lexsort((below, above))
    above, below, rows = above[order], below[order], rows[order]
    counts = tallies.counts[rows]
    wins = np.where(ends[rows, 0] == above, counts[:, Verdict.A], counts[:, Verdict.B])
    won = wins + 0.5 * (counts[:, Verdict.TIE] + counts[:, Verdict.BOTH_BAD])
    lower, upper = wilson_interval(won, votes[rows], level)
    return MetPairs(named[above], named[below], won / votes[rows], lower, upper, votes[rows])


@dataclass(frozen=True, eq=False)
class WinRates(ReadOnly):
    """Row against column, of the models that were asked for.

    Attributes:
        rate, lower, upper: (m, m) as in `MetPairs`; NaN if never met.
        votes: (m, m) votes on the pair.
        level: confidence level.
    """

    rate: FloatArray
    lower: FloatArray
    upper: FloatArray
    votes: FloatArray
    level: float


def win_rates(
    tallies: Tallies, models: ArrayLike | None = None, *, level: float = 0.95
) -> WinRates:
    """Observed win rates of every pair of `models`, by default of all.

    Raises:
        RatingsError: level outside (0, 1).
    """
    named = np.asarray(np.arange(tallies.n_models) if models is None else models, dtype=np.int64)
    met = met_pairs(tallies, named, level=level)
    place = np.full(tallies.n_models, -1)
    place[named] = np.arange(len(named))
    a, b = place[met.a], place[met.b]
    rate, lower, upper = (np.full((len(named), len(named)), np.nan) for _ in range(3))
    votes = np.zeros_like(rate)
    rate[a, b], rate[b, a] = met.rate, 1.0 - met.rate
    lower[a, b], lower[b, a] = met.lower, 1.0 - met.upper
    upper[a, b], upper[b, a] = met.upper, 1.0 - met.lower
    votes[a, b] = votes[b, a] = met.votes
    return WinRates(rate, lower, upper, votes, level)


def expected_win_rates(ratings: Ratings) -> FloatArray:
    """(n, n) probability that the row beats the column; NaN if either is not rated."""
    return expected_win_rate(ratings.scores[:, None], ratings.scores[None, :])


def expected_win_rate(score: FloatArray, other: FloatArray) -> FloatArray:
    """Probability that `score` beats `other`, Elo points, elementwise; a tie counts half.

    1 / (1 + 10^((other - score) / 400)), as in `ratings.core.data.scale`.
    """
    expected: FloatArray = 1.0 / (1.0 + 10.0 ** ((other - score) / POINTS_PER_DECADE))
    return expected
