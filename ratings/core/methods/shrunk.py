"""Ratings from few votes, shrunk towards scores that are known already.

One voter's votes alone rate nobody: most of their models never met. So each model starts from its
known score, and the votes move it from there, the further the more there are. This is the maximum a
posteriori estimate of the Bradley-Terry model under a normal prior (Davidson and Solomon, "A
Bayesian approach to paired comparison experimentation", Biometrika 60, 1973; Caron and Doucet,
"Efficient Bayesian inference for generalized Bradley-Terry models", JCGS 21, 2012), with Laplace's
approximation of the posterior (Tierney and Kadane, JASA 81, 1986).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, ndtri

from ratings.core.data.arrays import FloatArray, ReadOnly
from ratings.core.data.errors import TOO_FAR_APART, BadVotesError, ConvergenceError, RatingsError
from ratings.core.data.laplacian import laplacian, net_flow
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.data.tallies import Tallies, merge_verdicts
from ratings.core.data.validation import as_floats, check_can_be_rated
from ratings.core.fit.cholesky import Cholesky
from ratings.core.methods.ratings import check_level

# Elo points by which a voter's own score of a model usually differs from everybody's. On LLMFAO's
# 8,931 votes of 124 crowd workers, each worker's held-out votes are predicted best at this spread
# (docs/ratings.md has the figures).
SPREAD = 125.0
TOLERANCE = 1e-10  # of the last Newton step, natural-log units
MAX_ITERATIONS = 100
MAX_HALVINGS = 40


@dataclass(frozen=True, eq=False)
class Shrunk(ReadOnly):
    """The posterior of the scores, Elo points.

    Attributes:
        scores: (n,) the most probable scores.
        lower, upper: (n,) intervals that hold the score with probability `level`, if the prior is
            right.
        covariance: (n, n) of the posterior.
        spread, level: the settings.
    """

    scores: FloatArray
    lower: FloatArray
    upper: FloatArray
    covariance: FloatArray
    spread: float
    level: float


def shrunk(
    tallies: Tallies, centre: ArrayLike, *, spread: float = SPREAD, level: float = 0.95
) -> Shrunk:
    """The scores x that maximise

        sum over votes of log P(vote | x) - sum over models of (x_i - centre_i)^2 / (2 spread^2),

    where P(i beats j) = 1 / (1 + 10^((x_j - x_i) / 400)), and a tie or both bad is half a win each.
    The maximum always exists, also for models that never met or only won; a model without votes
    stays at its centre, with an interval of the prior's width.

    Args:
        tallies: the votes; weights count as that many votes.
        centre: (n_models,) finite scores to start from, Elo points.
        spread: standard deviation of the prior, Elo points.
        level: of the intervals.

    Raises:
        BadVotesError: `centre` is not a finite score per model.
        RatingsError: spread is not positive, level outside (0, 1), or too many models.
        ConvergenceError: the weights are too large for double precision.
    """
    check_level(level)
    check_can_be_rated(tallies.n_models)
    if not (np.isfinite(spread) and spread > 0):
        raise RatingsError(f"spread={spread} is not a positive number of points.")
    start = as_floats(centre, "centre") / POINTS_PER_NAT
    if start.shape != (tallies.n_models,) or not np.isfinite(start).all():
        raise BadVotesError(f"'centre' must be {tallies.n_models} finite scores.")
    posterior = _Posterior(tallies, start, (POINTS_PER_NAT / spread) ** 2)
    point = _maximise(posterior)
    covariance = Cholesky.of(posterior.information(point)).inverse() * POINTS_PER_NAT**2
    scores = point * POINTS_PER_NAT
    margin = float(ndtri(0.5 + level / 2)) * np.sqrt(np.diag(covariance))
    return Shrunk(scores, scores - margin, scores + margin, covariance, spread, level)


class _Posterior:
    """Logarithm of the posterior density and its derivatives, natural-log units; `precision` is
    that of the prior. It is strictly concave."""

    def __init__(self, tallies: Tallies, centre: FloatArray, precision: float) -> None:
        first, second, ties = merge_verdicts(tallies.weights, "tie").T
        self.pairs, self.n = tallies.pairs, tallies.n_models
        self.won, self.lost = first + 0.5 * ties, second + 0.5 * ties
        self.centre, self.precision = centre, precision

    def gaps(self, point: FloatArray) -> FloatArray:
        return point[self.pairs[:, 0]] - point[self.pairs[:, 1]]

    def gradient(self, point: FloatArray) -> FloatArray:
        gap = self.gaps(point)
        slope = self.won * expit(-gap) - self.lost * expit(gap)
        return net_flow(self.pairs, slope, self.n) - self.precision * (point - self.centre)

    def information(self, point: FloatArray) -> FloatArray:
        gap = self.gaps(point)
        curvature = (self.won + self.lost) * expit(gap) * expit(-gap)
        return laplacian(self.pairs, curvature, self.n) + self.precision * np.eye(self.n)


def _maximise(posterior: _Posterior) -> FloatArray:
    """Newton's method from the centre, each step halved until it does not overshoot."""
    point = posterior.centre
    for _ in range(MAX_ITERATIONS):
        gradient = posterior.gradient(point)
        step = Cholesky.of(posterior.information(point)).solve(gradient)
        if float(np.abs(step).max()) < TOLERANCE:
            return point + step
        point = point + _safe(posterior, point, step, float(gradient @ step))
    raise ConvergenceError(TOO_FAR_APART)


def _safe(posterior: _Posterior, point: FloatArray, step: FloatArray, slope: float) -> FloatArray:
    # Concave: along the step the slope only falls, so one that turned steep and negative has passed
    # the maximum, and halving must help.
    for halving in range(MAX_HALVINGS):
        shorter = step * 0.5**halving
        if float(posterior.gradient(point + shorter) @ step) >= -0.9 * slope - 1e-12:
            return shorter
    raise ConvergenceError(TOO_FAR_APART)
