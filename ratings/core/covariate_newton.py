"""Newton's method for votes with covariates."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.sparse import csr_array

from ratings.core.arrays import AnyArray, FloatArray
from ratings.core.covariate_votes import CovariateVotes, DesignSums
from ratings.core.errors import ConvergenceError, NotEnoughDataError
from ratings.core.newton import MAX_HALVINGS, MAX_ITERATIONS, TOLERANCE

# Newton starts from the fit of this many votes, spread over all: that takes most of the steps off
# the full set, and where it starts does not change where it ends.
FIRST_SAMPLE = 200_000
# Below this share of its own variance a covariate is, to rounding, a combination of the others.
DEPENDENT = 1e-9
NO_OPTIMUM = f"No optimum in {MAX_ITERATIONS} Newton steps: do the covariates decide every vote?"


@dataclass(frozen=True, eq=False)
class CovariateFit:
    """The maximum of the likelihood.

    Attributes:
        point: (n + k,) scores with mean 0, natural-log units, then the coefficients.
        information: minus the Hessian there, (n + k, n + k), invertible.
        log_likelihood: of the votes, without the ridge.
    """

    votes: CovariateVotes
    point: FloatArray
    information: FloatArray
    log_likelihood: float
    iterations: int

    def sandwich(self) -> FloatArray:
        """(n + k, n + k) covariance over independent votes."""
        sums = DesignSums(self.votes.n_models, self.votes.x.shape[1])
        for block in self.votes.blocks():
            residual = block.share - block.expected(self.point)[0]
            if block.weight is not None:
                residual *= block.weight
            sums.add(block, residual**2, residual)
        return self._wrap(sums.matrix())

    def clustered(self) -> FloatArray:
        """(n + k, n + k) covariance over independent voters.

        Raises:
            NotEnoughDataError: fewer than two voters.
        """
        if self.votes.voter is None:
            raise NotEnoughDataError("covariance='clustered' needs voter=...")
        names, row = np.unique(self.votes.voter, return_inverse=True)
        if len(names) < 2:
            raise NotEnoughDataError("Clustering by voter needs votes of at least two voters.")
        scores = self._scores_by_voter(row, len(names))
        meat = (scores.T @ scores).toarray() * len(names) / (len(names) - 1)
        return self._wrap(meat)

    def _scores_by_voter(self, row: AnyArray, n_voters: int) -> csr_array:
        n, start = self.votes.n_models, 0
        shape = (n_voters, len(self.point))
        total = csr_array(shape)
        for block in self.votes.blocks():
            size = len(block.a)
            residual = block.share - block.expected(self.point)[0]
            if block.weight is not None:
                residual *= block.weight
            who, start = row[start : start + size], start + size
            k = block.x.shape[1]
            values = [residual, -residual, (block.x * residual[:, None]).ravel()]
            columns = [block.a, block.b, np.tile(np.arange(n, n + k), size)]
            where = np.concatenate([who, who, np.repeat(who, k)]), np.concatenate(columns)
            total = total + csr_array((np.concatenate(values), where), shape=shape)
        return csr_array(total)

    def _wrap(self, meat: FloatArray) -> FloatArray:
        # The meat is orthogonal to 'add a constant to all scores', so that the term which made the
        # information invertible in this direction cancels.
        factor = cho_factor(self.information)
        wrapped: FloatArray = cho_solve(factor, cho_solve(factor, meat).T)
        return wrapped


@dataclass(frozen=True, eq=False)
class _State:
    point: FloatArray
    gradient: FloatArray
    information: FloatArray
    log_likelihood: float


def maximise_with_covariates(
    votes: CovariateVotes, names: tuple[str, ...], ridge: float
) -> CovariateFit:
    """Find the maximum-likelihood scores and coefficients.

    Raises:
        NotEnoughDataError: a covariate that never varies or follows from the others.
        ConvergenceError: the step did not fall below the tolerance.
    """
    point = np.zeros(votes.n_models + len(names))
    stride = len(votes.a) // FIRST_SAMPLE
    if stride > 1:
        point = _start(votes.every(stride), names, ridge / stride, point)
    return _climb(votes, names, ridge, point)


def _start(
    sample: CovariateVotes, names: tuple[str, ...], ridge: float, point: FloatArray
) -> FloatArray:
    # A rare model may be missing from the sample; then the full set has to do without a start.
    try:
        return _climb(sample, names, ridge, point).point
    except (ConvergenceError, NotEnoughDataError):
        return point


def _climb(
    votes: CovariateVotes, names: tuple[str, ...], ridge: float, point: FloatArray
) -> CovariateFit:
    state = _evaluate(votes, ridge, point)
    _check_covariates(state.information, names, votes.n_models)
    for iteration in range(1, MAX_ITERATIONS + 1):
        step = _solve(state)
        if np.abs(step).max() < TOLERANCE:
            return CovariateFit(
                votes, state.point + step, state.information, state.log_likelihood, iteration
            )
        state = _advance(votes, ridge, state, step)
    raise ConvergenceError(NO_OPTIMUM)


def _evaluate(votes: CovariateVotes, ridge: float, point: FloatArray) -> _State:
    n, log_likelihood = votes.n_models, 0.0
    sums = DesignSums(n, votes.x.shape[1])
    for block in votes.blocks():
        win, loss = block.expected(point)
        residual, curvature = block.share - win, win * loss
        likelihood = block.share * np.log(win) + (1.0 - block.share) * np.log(loss)
        if block.weight is not None:
            residual, curvature = residual * block.weight, curvature * block.weight
            likelihood *= block.weight
        sums.add(block, curvature, residual)
        log_likelihood += float(likelihood.sum())
    gradient, information = sums.vector(), sums.matrix()
    gradient[n:] -= ridge * point[n:]
    information[n:, n:] += ridge * np.eye(len(point) - n)
    information[:n, :n] += np.trace(information[:n, :n]) / n**2
    return _State(point, gradient, information, log_likelihood)


def _check_covariates(information: FloatArray, names: tuple[str, ...], n_models: int) -> None:
    # What of a covariate is left once the models and the covariates before it are taken out.
    scores, cross = information[:n_models, :n_models], information[:n_models, n_models:]
    try:
        left = information[n_models:, n_models:] - cross.T @ np.linalg.solve(scores, cross)
    except LinAlgError as error:
        raise ConvergenceError(NO_OPTIMUM) from error
    for j, name in enumerate(names):
        explained = left[j, :j] @ np.linalg.pinv(left[:j, :j], hermitian=True) @ left[:j, j]
        if left[j, j] - explained <= DEPENDENT * information[n_models + j, n_models + j]:
            raise NotEnoughDataError(f"Covariate '{name}' never varies or follows from the others.")


def _solve(state: _State) -> FloatArray:
    try:
        step: FloatArray = cho_solve(cho_factor(state.information), state.gradient)
    except LinAlgError as error:
        raise ConvergenceError(NO_OPTIMUM) from error
    return step


def _advance(votes: CovariateVotes, ridge: float, state: _State, step: FloatArray) -> _State:
    # As in `newton._advance`: concavity makes a slope turned steeply negative mean 'too far'.
    slope = float(state.gradient @ step)
    for halving in range(MAX_HALVINGS):
        ahead = _evaluate(votes, ridge, state.point + step * 0.5**halving)
        if float(ahead.gradient @ step) >= -0.9 * slope - 1e-9:
            return ahead
    raise ConvergenceError("No step along the Newton direction improves the likelihood.")
