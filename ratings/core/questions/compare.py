"""Two models side by side: who is ahead, by how much, and with what uncertainty."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, ndtri

from ratings.core.data.arrays import FloatArray, ReadOnly
from ratings.core.data.errors import NotRatedError, RatingsError
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.methods.ratings import Scored


@dataclass(frozen=True)
class Comparison:
    """Model a against model b, at the level of the ratings it was made from.

    Attributes:
        gap, gap_lower, gap_upper: score of a minus score of b, Elo points, and its interval.
        probability, lower, upper: that a wins a vote that is not a tie (half-win ratings: expected
            share of the vote, ties counting half), and its interval.
        level: confidence level of both intervals.
    """

    a: int
    b: int
    gap: float
    gap_lower: float
    gap_upper: float
    probability: float
    lower: float
    upper: float
    level: float

    @property
    def separated(self) -> bool:
        """Whether the votes tell the two apart, looking at this pair alone."""
        return self.gap_lower > 0 or self.gap_upper < 0


def compare(ratings: Scored, a: int, b: int) -> Comparison:
    """Compare two rated models.

    The interval of the probability is that of the gap, transformed by the increasing function that
    links them, so it stays inside (0, 1).

    Raises:
        RatingsError: a and b are the same, or not model indices.
        NotRatedError: one of them has no score.
    """
    checked_pair(ratings, a, b)
    gap = float(ratings.scores[a] - ratings.scores[b])
    variance = float(ratings.gap_variances([a], [b])[0, 0])
    margin = float(ndtri(0.5 + ratings.settings.level / 2) * np.sqrt(max(variance, 0.0)))
    middle, low, high = (win_probability(ratings, g) for g in (gap, gap - margin, gap + margin))
    return Comparison(
        a, b, gap, gap - margin, gap + margin, middle, low, high, ratings.settings.level
    )


def checked_pair(ratings: Scored, a: int, b: int) -> None:
    """Raise unless these are two rated models: `RatingsError`, `NotRatedError`."""
    n = len(ratings.scores)
    for model in (a, b):
        if not 0 <= model < n:
            raise RatingsError(f"{model} is not a model index below {n}.")
        if not ratings.rated[model]:
            raise NotRatedError(model, "is not rated: there is nothing to compare.")
    if a == b:
        raise RatingsError(f"Model {a} cannot be compared with itself.")


def win_probability(ratings: Scored, gap: float) -> float:
    """Share of the vote (see `Comparison`) of a model that is ahead by `gap` Elo points."""
    d = gap / POINTS_PER_NAT
    if ratings.settings.ties == "rao-kupper" and ratings.tie_parameter is not None:
        win, loss = expit(d - ratings.tie_parameter), expit(-d - ratings.tie_parameter)
        return float(win / (win + loss))
    return float(expit(d))


@dataclass(frozen=True, eq=False)
class SimultaneousGaps(ReadOnly):
    """Every pair at once; rows and columns are the models asked for, NaN where one is not rated.

    Attributes:
        gap: (r, c) score of the row minus score of the column, Elo points.
        lower, upper: (r, c) simultaneous intervals: all hold together with probability `level`.
    """

    gap: FloatArray
    lower: FloatArray
    upper: FloatArray
    level: float


def simultaneous_gaps(
    ratings: Scored, rows: ArrayLike | None = None, columns: ArrayLike | None = None
) -> SimultaneousGaps:
    """Max-t (simultaneous) intervals of score gaps (see `ratings.core.uncertainty.ranks`).

    Args:
        rows, columns: (r,) and (c,) indices of the models to report; default all. The intervals are
            simultaneous over all pairs of rated models, whichever are reported.
    """
    every = np.arange(len(ratings.scores))
    a = every if rows is None else np.atleast_1d(np.asarray(rows, dtype=np.int64))
    b = every if columns is None else np.atleast_1d(np.asarray(columns, dtype=np.int64))
    gap = ratings.scores[a, None] - ratings.scores[None, b]
    margin = np.full_like(gap, np.nan)
    if ratings.rated.any():
        margin = ratings.critical * np.sqrt(np.maximum(ratings.gap_variances(a, b), 0.0))
    return SimultaneousGaps(gap, gap - margin, gap + margin, ratings.settings.level)
