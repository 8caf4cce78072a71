"""Newton's method for votes with covariates."""

from dataclasses import dataclass

import numpy as np
from numpy.linalg import LinAlgError
from scipy.sparse import csr_array

from ratings.core.data.arrays import AnyArray, FloatArray
from ratings.core.data.errors import ConvergenceError, DependentCovariateError, NotEnoughDataError
from ratings.core.fit.cholesky import Cholesky
from ratings.core.fit.covariate_sums import Gaps, Sums, gradient, sum_up
from ratings.core.fit.covariate_votes import CovariateVotes
from ratings.core.fit.newton import MAX_HALVINGS, MAX_ITERATIONS, Fit
from ratings.core.fit.ties import logistic

# Newton starts from the fit and Hessian of about this many votes, taken at regular intervals. That
# saves most of the work on the full set, and the start does not change the maximum.
FIRST_SAMPLE = 200_000
# Size of the last step, natural-log units: the error after it is less than its square.
TOLERANCE = 1e-4
# The same for the fit of the sample, whose own sampling error is about as large.
NEAR = 0.2
# Steps with the fixed Hessian of the sample; each leaves about a hundredth of the error.
MAX_CHORDS = 6
# A covariate whose residual variance is below this share of its own variance is, up to rounding, a
# linear combination of the others.
DEPENDENT = 1e-9
NO_OPTIMUM = f"No optimum in {MAX_ITERATIONS} Newton steps: do the covariates decide every vote?"


@dataclass(frozen=True, eq=False)
class CovariateFit:
    """The maximum of the likelihood.

    Attributes:
        point: (n + k,) scores with mean 0, natural-log units, then the coefficients.
        information: minus the Hessian there, (n + k, n + k), invertible; scatter: the summed outer
            products of the votes' scores.
        log_likelihood: of the votes, without the ridge.
    """

    votes: CovariateVotes
    point: FloatArray
    information: FloatArray
    scatter: FloatArray
    log_likelihood: float
    iterations: int

    def sandwich(self, floor: FloatArray, excess: FloatArray | float = 0.0) -> FloatArray:
        """(n + k, n + k) covariance over independent votes, or voters.

        Args:
            floor: (n, n) added to the meat of the scores; zero but for models that nothing but ties
                joins to the others, whose residuals say nothing of their variance.
            excess: (n + k, n + k) added to the meat for the correlation of a voter's votes.
        """
        meat, n = self.scatter + excess, self.votes.n_models
        meat[:n, :n] += floor
        # The meat is orthogonal to 'add a constant to all scores', so the term that made the
        # information invertible in this direction cancels.
        return Cholesky.of(self.information).sandwich(meat)

    def scores_by_voter(self) -> tuple[csr_array, FloatArray]:
        """Summed scores of each voter's votes, (V, n + k), and their weights, (V,).

        Raises:
            NotEnoughDataError: the votes have no voters.
        """
        if self.votes.voter is None:
            raise NotEnoughDataError("covariance='clustered' needs voter=...")
        names, row = np.unique(self.votes.voter, return_inverse=True)
        weights = np.bincount(row, self.votes.weight, len(names)).astype(np.float64)
        return self._scores_by_voter(row, len(names)), weights

    def _scores_by_voter(self, row: AnyArray, n_voters: int) -> csr_array:
        n, start = self.votes.n_models, 0
        shape = (n_voters, len(self.point))
        total, gaps = csr_array(shape), Gaps(self.point, n)
        for block in self.votes.blocks():
            size = len(block.a)
            win = logistic(gaps.of(block))[0]
            residual = block.weighted(block.share - win)
            who, start = row[start : start + size], start + size
            k = block.x.shape[1]
            values = [residual, -residual, (block.x * residual[:, None]).ravel()]
            columns = [block.a, block.b, np.tile(np.arange(n, n + k), size)]
            where = np.concatenate([who, who, np.repeat(who, k)]), np.concatenate(columns)
            total = total + csr_array((np.concatenate(values), where), shape=shape)
        return csr_array(total)


@dataclass(frozen=True, eq=False)
class _State:
    point: FloatArray
    sums: Sums


def maximise_with_covariates(
    votes: CovariateVotes, names: tuple[str, ...], ridge: float, plain: Fit
) -> CovariateFit:
    """Find the maximum-likelihood scores and coefficients.

    Args:
        names: (k,) of the covariates; ridge: adds ridge / 2 * |beta|^2 to the negative
            log-likelihood.
        plain: the fit of the same votes without covariates.

    Raises:
        NotEnoughDataError: a covariate that never varies or follows from the others.
        ConvergenceError: the step did not fall below the tolerance.
    """
    point = np.append(plain.point, np.zeros(len(names)))
    stride = len(votes.a) // FIRST_SAMPLE
    if stride > 1:
        point = _approach(votes, votes.every(stride), names, ridge, plain)
    state, step, iterations = _climb(votes, names, ridge, point, TOLERANCE)
    sums = state.sums
    return CovariateFit(
        votes, state.point + step, sums.information, sums.scatter, sums.log_likelihood, iterations
    )


def _approach(
    votes: CovariateVotes,
    sample: CovariateVotes,
    names: tuple[str, ...],
    ridge: float,
    plain: Fit,
) -> FloatArray:
    # From the optimum of the sample on the Hessian stays fixed, so that a step costs only a
    # gradient.
    times, point = len(votes.a) / len(sample.a), np.append(plain.point, np.zeros(len(names)))
    try:
        state, step, _ = _climb(sample, names, ridge / times, point, NEAR)
        factor = Cholesky.of(_likely_information(state.sums.information, times, plain))
    except (ConvergenceError, NotEnoughDataError):
        return point  # a rare model may be missing from the sample: use no sample
    near, size = state.point + step, 1.0
    for _ in range(MAX_CHORDS):
        slope = gradient(votes, near)
        slope[votes.n_models :] -= ridge * near[votes.n_models :]
        step = factor.solve(slope)
        near += step
        # Convergence is linear: the next step will be about size * size / before.
        before, size = size, float(np.abs(step).max())
        if size * size < TOLERANCE * before or size > before:
            break
    return near


def _likely_information(sample: FloatArray, times: float, plain: Fit) -> FloatArray:
    # The sample's information, scaled up to all votes. How often each pair met is known exactly, so
    # the block of the scores is taken from the plain fit: a step then leaves a hundredth of the
    # error instead of a twentieth.
    n, likely = plain.problem.n_models, times * sample
    scores = plain.problem.information(plain.at)
    likely[:n, :n] = scores * (np.trace(likely[:n, :n]) / np.trace(scores))
    return likely


def _climb(
    votes: CovariateVotes,
    names: tuple[str, ...],
    ridge: float,
    point: FloatArray,
    tolerance: float,
) -> tuple[_State, FloatArray, int]:
    # Returns the state before the last step, that step, and the number of steps.
    state = _evaluate(votes, ridge, point)
    _check_covariates(state.sums.information, names, votes.n_models)
    for iteration in range(1, MAX_ITERATIONS + 1):
        step = _solve(state.sums)
        if np.abs(step).max() < tolerance:
            return state, step, iteration
        state = _advance(votes, ridge, state, step)
    raise ConvergenceError(NO_OPTIMUM)


def _evaluate(votes: CovariateVotes, ridge: float, point: FloatArray) -> _State:
    n, k = votes.n_models, votes.x.shape[1]
    sums = sum_up(votes, point)
    sums.gradient[n:] -= ridge * point[n:]
    sums.information[n:, n:] += ridge * np.eye(k)
    sums.information[:n, :n] += np.trace(sums.information[:n, :n]) / n**2
    return _State(point, sums)


def _check_covariates(information: FloatArray, names: tuple[str, ...], n_models: int) -> None:
    # The variance of each covariate that the models and the covariates before it leave unexplained.
    scores, cross = information[:n_models, :n_models], information[:n_models, n_models:]
    try:
        left = information[n_models:, n_models:] - cross.T @ np.linalg.solve(scores, cross)
    except LinAlgError as error:
        raise ConvergenceError(NO_OPTIMUM) from error
    for j, name in enumerate(names):
        explained = left[j, :j] @ np.linalg.pinv(left[:j, :j], hermitian=True) @ left[:j, j]
        if left[j, j] - explained <= DEPENDENT * information[n_models + j, n_models + j]:
            raise DependentCovariateError(name)


def _solve(sums: Sums) -> FloatArray:
    try:
        return Cholesky.of(sums.information).solve(sums.gradient)
    except ConvergenceError as error:
        raise ConvergenceError(NO_OPTIMUM) from error


def _advance(votes: CovariateVotes, ridge: float, state: _State, step: FloatArray) -> _State:
    # As in `newton.advance`: the likelihood is concave, so a steeply negative slope means
    # overshoot.
    slope = float(state.sums.gradient @ step)
    for halving in range(MAX_HALVINGS):
        ahead = _evaluate(votes, ridge, state.point + step * 0.5**halving)
        if float(ahead.sums.gradient @ step) >= -0.9 * slope - 1e-9:
            return ahead
    raise ConvergenceError("No step along the Newton direction improves the likelihood.")
