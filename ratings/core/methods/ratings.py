"""What a rating method returns: scores, their uncertainty, and the settings that produced them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import ArrayLike

from ratings.core.data.arrays import BoolArray, FloatArray, IntArray, ReadOnly
from ratings.core.data.errors import RatingsError
from ratings.core.data.frames import frame, named
from ratings.core.data.graph import Status
from ratings.core.data.scale import MEAN_AT_1000, Anchor, around_mean
from ratings.core.data.tallies import BothBadReading
from ratings.core.uncertainty import ranks, tiers
from ratings.core.uncertainty.voters import Clustering

TieReading = Literal["half", "davidson", "rao-kupper"]
CovarianceKind = Literal["sandwich", "model", "clustered"]
IntervalKind = Literal["sandwich", "model", "clustered", "bootstrap"]
# What a table of ratings has for each model, besides its status.
COLUMNS = (
    "scores", "lower", "upper", "rank_low", "rank_high", "rank_ub", "tier", "votes", "win_rate",
    "component",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Everything that, with the tallies, determines a result.

    Attributes:
        ties: how ties enter (see `ratings.core.fit.ties`).
        both_bad: count both-bad as a tie, or drop it (then see `quality_floor`).
        covariance: which covariance (see `ratings.core.uncertainty.covariance` and
            `ratings.core.methods.bootstrap`).
        level: confidence level of every interval.
        anchor: what is pinned to which score.
        draws, seed: of the simulation behind simultaneous intervals and rank ranges.
    """

    ties: TieReading = "half"
    both_bad: BothBadReading = "tie"
    covariance: IntervalKind = "sandwich"
    level: float = 0.95
    anchor: Anchor = MEAN_AT_1000
    draws: int = 4000
    seed: int = 0


def check_settings(settings: Settings) -> None:
    """Raise `RatingsError` unless every setting is one this library knows."""
    options: dict[str, tuple[str, tuple[str, ...]]] = {
        "ties": (settings.ties, get_args(TieReading)),
        "both_bad": (settings.both_bad, get_args(BothBadReading)),
        "covariance": (settings.covariance, get_args(CovarianceKind)),
    }
    for name, (value, allowed) in options.items():
        if value not in allowed:
            raise RatingsError(f"{name}={value!r} is not one of {', '.join(allowed)}.")
    check_level(settings.level)
    check_draws(settings.draws)


def check_draws(draws: int) -> None:
    """Raise `RatingsError` unless `draws` are enough to read a quantile from."""
    if draws < 1:
        raise RatingsError(f"draws={draws}: the simulation of rank ranges needs at least one.")


def check_level(level: float) -> None:
    """Raise `RatingsError` unless `level` is a confidence level."""
    if not 0.0 < level < 1.0:
        raise RatingsError(f"level={level} is not between 0 and 1.")


class Scored(Protocol):
    """What it takes to compare models: `Ratings`, or what was kept of them (`kept.Kept`)."""

    @property
    def scores(self) -> FloatArray: ...
    @property
    def lower(self) -> FloatArray: ...
    @property
    def upper(self) -> FloatArray: ...
    @property
    def rated(self) -> BoolArray: ...
    @property
    def order(self) -> IntArray: ...
    @property
    def tie_parameter(self) -> float | None: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def critical(self) -> float:
        """Max-t critical value of the score gaps, for all pairs simultaneously."""

    def gap_variances(self, rows: ArrayLike, columns: ArrayLike) -> FloatArray:
        """(r, c) variance of the score gap of each of (r,) models and each of (c,)."""

    def is_exact(self, *models: int) -> bool:
        """Whether the variances of the gaps among these models are exact, not upper bounds."""


def best_first(scores: FloatArray, rated: BoolArray) -> IntArray:
    """Indices of the rated models, best first; equal scores in index order."""
    members = np.flatnonzero(rated)
    return members[np.argsort(-scores[members], kind="stable")]


def gap_variances(covariance: FloatArray, rows: IntArray, columns: IntArray) -> FloatArray:
    """(r, c) variance of the gap of each of (r,) scores and each of (c,), from their covariance."""
    variance = np.diag(covariance)
    found: FloatArray = (
        variance[rows, None] + variance[None, columns] - 2.0 * covariance[np.ix_(rows, columns)]
    )
    return found


@dataclass(frozen=True, eq=False)
class Ratings(ReadOnly):
    """A leaderboard, indexed like the tallies; scores in Elo points.

    Attributes:
        scores: (n,) NaN for models that are not rated (see `status`).
        lower, upper: (n,) pointwise interval; one-sided (+-inf) for ONLY_WINS and ONLY_LOSSES.
        covariance: (n, n) of the scores, Elo points squared; NaN rows for models not rated. If it
            is clustered, widened so that normal quantiles give Student's t intervals (`voters`).
        status: (n,) `Status` of each model.
        component: (n,) number of each model's connected component, 1 the largest; 0 without votes
            (see `ratings.core.data.graph.components`).
        votes: (n,) votes each model took part in.
        win_rate: (n,) wins plus half the ties and both-bad, over votes; NaN without votes.
        rank_ub: (n,) 1 + number of models whose lower bound exceeds one's upper bound; 0 if not
            rated. Taken from the intervals around the mean, whatever the anchor: an anchor's own
            interval has no width, so the choice of anchor would change the ranks.
        tie_parameter: log(nu) of Davidson, threshold of Rao-Kupper in natural-log units; None
            when ties are half wins or never occurred.
        log_likelihood, iterations: of the fit; NaN and 0 when nothing could be rated, and for Elo.
        settings: the settings that produced this.
        clustering: what the correlation of votes by the same voter adds; None if votes are taken as
            independent.
    """

    scores: FloatArray
    lower: FloatArray
    upper: FloatArray
    covariance: FloatArray
    status: IntArray
    component: IntArray
    votes: FloatArray
    win_rate: FloatArray
    rank_ub: IntArray
    tie_parameter: float | None
    log_likelihood: float
    iterations: int
    settings: Settings
    clustering: Clustering | None = None

    @property
    def rated(self) -> BoolArray:
        """(n,) models with a score."""
        return np.equal(self.status, Status.RATED)

    @property
    def order(self) -> IntArray:
        """Indices of the rated models, best first; equal scores in index order."""
        return best_first(self.scores, self.rated)

    def gap_variances(self, rows: ArrayLike, columns: ArrayLike) -> FloatArray:
        """(r, c) variance of the score gap of each of (r,) models and each of (c,)."""
        return gap_variances(self.covariance, np.asarray(rows), np.asarray(columns))

    def is_exact(self, *models: int) -> bool:
        return True

    @property
    def rank_low(self) -> IntArray:
        """(n,) best rank the votes allow, simultaneously for all models; 0 if not rated."""
        return self._rank_ranges[0]

    @property
    def rank_high(self) -> IntArray:
        """(n,) worst rank the votes allow, simultaneously for all models; 0 if not rated."""
        return self._rank_ranges[1]

    @cached_property
    def tier(self) -> IntArray:
        """(n,) tier of each model, from 1, on the whole board; 0 if not rated."""
        found = tiers.tiers_beyond(self.scores[self.rated], self._of_rated, self.critical)
        return self._spread(found)

    @cached_property
    def _rank_ranges(self) -> tuple[IntArray, IntArray]:
        low, high = ranks.ranges_beyond(self.scores[self.rated], self._of_rated, self.critical)
        return self._spread(low), self._spread(high)

    @cached_property
    def critical(self) -> float:
        """Max-t critical value of the score gaps, for all pairs simultaneously."""
        settings = self.settings
        found = ranks.critical_value(self._of_rated, settings.level, settings.draws, settings.seed)
        if self.clustering is None:
            return found
        return self.clustering.students(found) / self.clustering.widening(settings.level)

    @cached_property
    def _of_rated(self) -> FloatArray:
        of_rated = self.covariance
        if not self.rated.all():
            members = np.flatnonzero(self.rated)
            of_rated = of_rated[members].take(members, axis=1)
        # Centred, so that the simulation does not depend on the anchor.
        return of_rated if self.settings.anchor.model is None else around_mean(of_rated)

    def to_frame(self, models: Sequence[str] | None = None) -> Any:
        """A `pandas.DataFrame` with a row for each model, in the order of the tallies; its index is
        their names if `models` are given, otherwise their numbers. Needs pandas.

        Raises:
            RatingsError: there are not enough names.
        """
        arrays = {name: getattr(self, name) for name in COLUMNS}
        status = [Status(value).name.lower() for value in self.status]
        return frame({**arrays, "status": status}, named(np.arange(len(self.scores)), models))

    def _spread(self, of_rated: IntArray) -> IntArray:
        full = np.zeros(len(self.scores), dtype=np.int64)
        full[self.rated] = of_rated
        return full
