"""What is kept of a result, so that comparing its models later takes no fit.

A covariance is quadratic in the models, so it is kept for some only. The gap of any other two gets
the widest interval that their own intervals allow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from ratings.core.data.arrays import BoolArray, FloatArray, IntArray, ReadOnly
from ratings.core.methods.ratings import Ratings, Settings, best_first, gap_variances
from ratings.core.uncertainty.ranks import sidak_value


@dataclass(frozen=True, eq=False)
class Uncertainty(ReadOnly):
    """Of the gaps between some models.

    Attributes:
        critical, tie_parameter: see `Ratings`.
        members: (k,) indices of these models, rising.
        covariance: (k, k) of their scores, Elo points squared.
    """

    critical: float
    tie_parameter: float | None
    members: IntArray
    covariance: FloatArray


def uncertainty_of(ratings: Ratings, members: ArrayLike) -> Uncertainty:
    """What to keep of a result: the covariance of these rated models."""
    kept = np.unique(np.asarray(members, dtype=np.int64))
    critical = ratings.critical if ratings.rated.any() else float("nan")
    among = ratings.covariance[np.ix_(kept, kept)]
    return Uncertainty(critical, ratings.tie_parameter, kept, among)


def unknown_uncertainty(scores: FloatArray, level: float) -> Uncertainty:
    """For a result of which nothing was kept but (n,) scores with their intervals."""
    rated = int(np.isfinite(scores).sum())
    none = np.zeros(0, dtype=np.int64)
    return Uncertainty(sidak_value(rated, level), None, none, np.zeros((0, 0)))


@dataclass(frozen=True, eq=False)
class Kept(ReadOnly):
    """A result as it was kept; (n,) scores and pointwise intervals as in `Ratings`."""

    scores: FloatArray
    lower: FloatArray
    upper: FloatArray
    uncertainty: Uncertainty
    settings: Settings

    @property
    def rated(self) -> BoolArray:
        """(n,) models with a score."""
        return np.isfinite(self.scores)

    @property
    def order(self) -> IntArray:
        """Indices of the rated models, best first; equal scores in index order."""
        return best_first(self.scores, self.rated)

    @property
    def critical(self) -> float:
        return self.uncertainty.critical

    @property
    def tie_parameter(self) -> float | None:
        return self.uncertainty.tie_parameter

    def is_exact(self, *models: int) -> bool:
        return bool(np.isin(models, self.uncertainty.members).all())

    def gap_variances(self, rows: ArrayLike, columns: ArrayLike) -> FloatArray:
        """(r, c) variance of the score gap of each of (r,) models and each of (c,); where it was
        not kept, its upper bound (sd + sd)**2, which it has if the two errors are opposed."""
        a, b = np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)
        z = ndtri(0.5 + self.settings.level / 2)
        deviation = (self.upper - self.scores) / z
        found: FloatArray = (deviation[a, None] + deviation[None, b]) ** 2
        found[a[:, None] == b[None, :]] = 0.0
        known_a, known_b = (np.flatnonzero(np.isin(x, self.uncertainty.members)) for x in (a, b))
        places = (np.searchsorted(self.uncertainty.members, x) for x in (a[known_a], b[known_b]))
        found[np.ix_(known_a, known_b)] = gap_variances(self.uncertainty.covariance, *places)
        return found
