"""Sums over votes with covariates: gradient, information and scatter.

z is a vote's row of the design matrix, (n + k,): 1 for the left model, -1 for the right, and then
the covariates.
"""

from dataclasses import dataclass

import numpy as np

from ratings.core.data.arrays import FloatArray
from ratings.core.fit.covariate_votes import Block, CovariateVotes
from ratings.core.fit.ties import logistic


@dataclass(frozen=True, eq=False)
class Sums:
    """The weighted log-likelihood and its derivatives at a point, without the ridge.

    Attributes:
        gradient: (n + k,); information: (n + k, n + k), minus the Hessian.
        scatter: (n + k, n + k) summed outer products of the votes' scores.
    """

    gradient: FloatArray
    information: FloatArray
    scatter: FloatArray
    log_likelihood: float


def sum_up(votes: CovariateVotes, point: FloatArray) -> Sums:
    """Sum up all votes at a point (n + k,) of scores and coefficients, in one pass."""
    n, k = votes.n_models, len(point) - votes.n_models
    gaps, pushes, log_likelihood = Gaps(point, n), GradientSum(n, k), 0.0
    curving, scattering = DesignSum(n, k), DesignSum(n, k)
    for block in votes.blocks():
        gap = gaps.of(block)
        win, loss = logistic(gap)
        push = block.weighted(block.share - win)
        pushes.add(block, push)
        curving.add(block, block.weighted(win * loss))
        scattering.add(block, push**2)
        log_likelihood += float(block.weighted(np.log(loss) + block.share * gap).sum())
    return Sums(pushes.vector(), curving.matrix(), scattering.matrix(), log_likelihood)


def gradient(votes: CovariateVotes, point: FloatArray) -> FloatArray:
    """(n + k,) gradient at a point: a quarter of the work of `sum_up`."""
    n = votes.n_models
    gaps, pushes = Gaps(0.5 * point, n), GradientSum(n, len(point) - n)
    for block in votes.blocks():
        lead = gaps.of(block)
        np.tanh(lead, out=lead)  # of half the gap: P(win) - P(loss)
        lead *= -0.5
        lead += block.share
        lead -= 0.5
        pushes.add(block, block.weighted(lead))
    return pushes.vector()


class Gaps:
    """Log-odds of the left side at a point, from a table of all pairs of models."""

    def __init__(self, point: FloatArray, n_models: int) -> None:
        scores, self._slopes = point[:n_models], point[n_models:]
        self._table = (scores[:, None] - scores).ravel()

    def of(self, block: Block) -> FloatArray:
        """(B,) log-odds of the votes."""
        gaps: FloatArray = self._slopes @ block.columns
        gaps += self._table.take(block.pair)
        return gaps


class GradientSum:
    """Sum of push * z."""

    def __init__(self, n_models: int, n_covariates: int) -> None:
        self._met = np.zeros(n_models * n_models)
        self._slopes = np.zeros(n_covariates)
        self._n = n_models

    def add(self, block: Block, push: FloatArray) -> None:
        """Add votes with (B,) pushes."""
        np.add.at(self._met, block.pair, push)
        self._slopes += block.columns @ push

    def vector(self) -> FloatArray:
        """(n + k,) the sum."""
        met = self._met.reshape(self._n, self._n)
        return np.concatenate([met.sum(axis=1) - met.sum(axis=0), self._slopes])


class DesignSum:
    """Sum of heft * z z'."""

    def __init__(self, n_models: int, n_covariates: int) -> None:
        self._met = np.zeros(n_models * n_models)
        self._net = np.zeros((n_models, n_covariates))
        self._products = np.zeros((n_covariates, n_covariates))

    def add(self, block: Block, heft: FloatArray) -> None:
        """Add votes with (B,) hefts."""
        np.add.at(self._met, block.pair, heft)
        self._net += block.to_models(heft) @ block.x
        # The upper half; for so few rows, row by row is quicker than one matrix product.
        for j, column in enumerate(block.columns):
            self._products[j, j:] += block.columns[j:] @ (column * heft)

    def matrix(self) -> FloatArray:
        """(n + k, n + k) the sum."""
        n, k = self._net.shape
        met = self._met.reshape(n, n)
        matrix = np.empty((n + k, n + k))
        matrix[:n, :n] = -met - met.T
        np.fill_diagonal(matrix[:n, :n], met.sum(axis=0) + met.sum(axis=1))
        matrix[:n, n:], matrix[n:, :n] = self._net, self._net.T
        matrix[n:, n:] = self._products + np.triu(self._products, 1).T
        return matrix
