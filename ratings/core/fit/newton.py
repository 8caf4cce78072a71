"""Newton's method for paired comparisons, with the analytic Hessian on tallies."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from ratings.core.data.arrays import FloatArray, IntArray
from ratings.core.data.errors import TOO_FAR_APART, ConvergenceError
from ratings.core.data.laplacian import bordered, degree, laplacian, net_flow, sparse_laplacian
from ratings.core.data.validation import LARGE
from ratings.core.fit.cholesky import Cholesky
from ratings.core.fit.grounded import Grounded
from ratings.core.fit.ties import Derivatives, TieModel, VoteScores

# Size of the last step, natural-log units; the error after it is far smaller.
TOLERANCE = 1e-9
# While each step is at most this share of the one before, the next one reuses the stale Hessian.
STALE = 0.05
MAX_ITERATIONS = 200
MAX_HALVINGS = 40
LARGEST_LEAD = 0.99
# How far one step may move a gap beyond the log-odds of the pair's own votes, natural-log units:
# the curvature falls by a factor of e per unit, so farther away the current Hessian is meaningless.
REACH = 3.0
# Steps below SHORT that no longer shrink are rounding errors, if the squared distance to the
# maximum, in standard errors, is below NEAR.
SHORT, NEAR = 1e-3, 1e-10


@dataclass(frozen=True, eq=False)
class Problem:
    """A strongly connected set of models to be put on one scale.

    Attributes:
        pairs: (P, 2) model indices, each pair once.
        outcomes: (P, 3) weighted [first wins, second wins, ties].
        n_models: number of models, every one of them in some pair.
        ties: how ties enter the likelihood.
    """

    pairs: IntArray
    outcomes: FloatArray
    n_models: int
    ties: TieModel

    @property
    def is_large(self) -> bool:
        """Whether its matrices are sparse, as they have to be with thousands of models."""
        return self.n_models > LARGE

    def first_guess(self) -> FloatArray:
        """(n_models,) log-odds of each model's share of its votes: a good start."""
        votes = self.outcomes.sum(axis=1)
        lead = net_flow(self.pairs, self.outcomes[:, 0] - self.outcomes[:, 1], self.n_models)
        played = degree(self.pairs, votes, self.n_models)
        # tanh(x / 2) is s(x) - s(-x); LARGEST_LEAD keeps the score of a model that won everything
        # finite.
        guess = 2.0 * np.arctanh(LARGEST_LEAD * lead / played)
        far = np.abs(self.gaps(guess) - self.own_gaps).max() > 2.0 * REACH
        return self._compromise() if far else guess

    def starting_point(self, start: FloatArray | None) -> FloatArray:
        """(n_models + tie parameters,) from scores, from a whole point, or from the first guess."""
        scores = self.first_guess() if start is None else start[: self.n_models]
        tie = [self.ties.start] * self.ties.n_parameters
        if start is not None and len(start) > self.n_models:
            tie = start[self.n_models :].tolist()
        return np.append(scores - scores.mean(), tie)

    def _compromise(self) -> FloatArray:
        # Weighted least squares on the pairs' own log-odds: near the maximum where these are
        # consistent, as on a tree.
        half = 0.5 + 0.5 * self.outcomes[:, 2]
        wins, losses = self.outcomes[:, 0] + half, self.outcomes[:, 1] + half
        precision = wins * losses / (wins + losses)
        said = net_flow(self.pairs, precision * self.own_gaps, self.n_models)
        if self.is_large:
            sparse = sparse_laplacian(self.pairs, precision, self.n_models)
            return Grounded.of(sparse, self.n_models).solve(said)
        matrix = laplacian(self.pairs, precision, self.n_models)
        matrix += np.trace(matrix) / self.n_models**2
        return Cholesky.of(matrix).solve(said)

    def gaps(self, point: FloatArray) -> FloatArray:
        """(P,) score differences at a point (n_models + tie parameters,)."""
        return point[self.pairs[:, 0]] - point[self.pairs[:, 1]]

    @cached_property
    def own_gaps(self) -> FloatArray:
        """(P,) log-odds of each pair's own votes, with half a vote added to each side."""
        half = 0.5 + 0.5 * self.outcomes[:, 2]
        odds: FloatArray = np.log((self.outcomes[:, 0] + half) / (self.outcomes[:, 1] + half))
        return odds

    def share_of_step(self, point: FloatArray, step: FloatArray) -> float:
        """Share of a step to take, at most 1, so that no gap moves far from its pair's log-odds.

        A gap may approach its pair's log-odds freely and pass them by `REACH`, or move away from
        them by `REACH`. A gap that is far away already has a slope that hardly changes, so it may
        move on.
        """
        change = self.gaps(step)
        if float(np.abs(change).max()) <= REACH:
            return 1.0
        short = self.own_gaps - self.gaps(point)
        distance, comes_near = np.abs(short), np.sign(short) == np.sign(change)
        leaving = np.where(distance < 2.0 * REACH, REACH, np.inf)
        room = np.where(comes_near, distance + REACH, leaving)
        return min(1.0, float((room / np.maximum(np.abs(change), REACH)).min()))

    def tie(self, point: FloatArray) -> float:
        """The tie parameter at a point, or 0 when the model has none."""
        return float(point[self.n_models]) if self.ties.n_parameters else 0.0

    def derivatives(self, point: FloatArray) -> Derivatives:
        """Per-pair derivatives of the log-likelihood at a point."""
        return self.ties.derivatives(self.gaps(point), self.tie(point), self.outcomes)

    def gradient(self, at: Derivatives) -> FloatArray:
        """Gradient of the log-likelihood, (n_models + tie parameters,)."""
        scores = net_flow(self.pairs, at.slope, self.n_models)
        return np.append(scores, at.tie_slope) if self.ties.n_parameters else scores

    def scores(self, point: FloatArray) -> VoteScores:
        """Derivatives for single votes at a point."""
        return self.ties.scores(self.gaps(point), self.tie(point))

    def information(self, at: Derivatives) -> FloatArray:
        """Minus the Hessian, (k, k), made invertible along 'add a constant to all scores'.

        Adding c 11' there pins the mean of every Newton step to zero and changes nothing else.
        """
        matrix = laplacian(self.pairs, at.curvature, self.n_models)
        matrix += np.trace(matrix) / self.n_models**2
        if not self.ties.n_parameters:
            return matrix
        column = net_flow(self.pairs, at.cross, self.n_models)
        return bordered(matrix, column, at.tie_curvature)

    def sparse_information(self, at: Derivatives) -> csr_array:
        """Minus the Hessian in sparse form, (k, k), not made invertible."""
        matrix = sparse_laplacian(self.pairs, at.curvature, self.n_models)
        if not self.ties.n_parameters:
            return matrix
        column = net_flow(self.pairs, at.cross, self.n_models)
        return bordered(matrix, column, at.tie_curvature)

    def factor(self, at: Derivatives) -> Cholesky | Grounded:
        """Factor of the information.

        Raises:
            ConvergenceError: the counts differ too much for double precision.
        """
        if self.is_large:
            return Grounded.of(self.sparse_information(at), self.n_models)
        return Cholesky.of(self.information(at))


@dataclass(frozen=True, eq=False)
class Fit:
    """The maximum of a problem's likelihood.

    Attributes:
        point: (n_models + tie parameters,) scores with mean 0 in natural-log units, then the tie
            parameter; at: derivatives before the last step; iterations: Newton steps taken.
        known_factor: the factor at `at`, if the last step used it.
    """

    problem: Problem
    point: FloatArray
    at: Derivatives
    iterations: int
    known_factor: Cholesky | Grounded | None = None

    @cached_property
    def factor(self) -> Cholesky | Grounded:
        """Factor of the information at `at`.

        Raises:
            ConvergenceError: the counts differ too much for double precision.
        """
        return self.known_factor or self.problem.factor(self.at)

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood at the maximum (weighted; ties as the tie model reads them)."""
        gap, tie = self.problem.gaps(self.point), self.problem.tie(self.point)
        return float((self.problem.outcomes * self.problem.ties.log_probabilities(gap, tie)).sum())


def maximise(problem: Problem, start: FloatArray | None = None) -> Fit:
    """Find the maximum-likelihood point.

    Args:
        start: (n_models,) scores to start from, with or without the tie parameter after them; the
            start does not change the maximum.

    Raises:
        ConvergenceError: the counts differ too much for double precision.
    """
    point = problem.starting_point(start)
    at = problem.derivatives(point)
    gradient = problem.gradient(at)
    factor, is_fresh, before = problem.factor(at), True, 1.0
    for iteration in range(1, MAX_ITERATIONS + 1):
        step = factor.solve(gradient)
        size = float(np.abs(step).max())
        stands_still = 0.5 * before < size < SHORT and 0.0 <= gradient @ step < NEAR
        if size < TOLERANCE or stands_still:
            return Fit(problem, point + step, at, iteration, factor if is_fresh else None)
        point, at, gradient = advance(problem, point, step, gradient)
        is_fresh = size > STALE * before
        if is_fresh:
            factor = problem.factor(at)
        before = size
    raise ConvergenceError(TOO_FAR_APART)


def advance(
    problem: Problem, point: FloatArray, step: FloatArray, gradient: FloatArray
) -> tuple[FloatArray, Derivatives, FloatArray]:
    """Take a Newton step, shortened until safe: the new point, its derivatives and gradient.

    Raises:
        ConvergenceError: even the shortest step overshoots.
    """
    # The likelihood is concave, so its slope along the step only falls: a slope that has turned
    # steeply negative means the step overshot, and halving it must help.
    step = step * problem.share_of_step(point, step)
    slope = float(gradient @ step)
    for halving in range(MAX_HALVINGS):
        candidate = point + step * 0.5**halving
        if problem.ties.admits(problem.tie(candidate)):
            at = problem.derivatives(candidate)
            ahead = problem.gradient(at)
            if float(ahead @ step) >= -0.9 * slope - 1e-9:
                return candidate, at, ahead
    raise ConvergenceError(TOO_FAR_APART)
