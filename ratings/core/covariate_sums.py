"""Sums over votes with covariates: gradient, information and scatter.

z is a vote's row of the design, (n + k,): 1 for the left model, -1 for the right, its covariates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np

from ratings.core.arrays import FloatArray
from ratings.core.covariate_votes import Block, CovariateVotes
from ratings.core.ties import logistic


@dataclass(frozen=True, eq=False)
class Sums:
    """The log-likelihood and its derivatives at a point; weights count, a ridge does not.

    Attributes:
        gradient: (n + k,); information: (n + k, n + k), minus the Hessian.
        scatter: (n + k, n + k) summed outer products of the votes' scores, None if not wanted.
    """

    gradient: FloatArray
    information: FloatArray
    scatter: FloatArray | None
    log_likelihood: float


def sum_up(votes: CovariateVotes, point: FloatArray, *, with_scatter: bool) -> Sums:
    """Sum up all votes at a point (n + k,) of scores and coefficients, in one pass."""
    work = partial(_sum_up, point=point, n_models=votes.n_models, with_scatter=with_scatter)
    return reduce(_add, votes.by_stripe(work))


def gradient(votes: CovariateVotes, point: FloatArray) -> FloatArray:
    """(n + k,) gradient at a point: a third of the work of `sum_up`."""
    work = partial(_gradient, point=point, n_models=votes.n_models)
    total: FloatArray = np.sum(votes.by_stripe(work), axis=0)
    return total


def _gradient(blocks: Iterator[Block], point: FloatArray, n_models: int) -> FloatArray:
    gaps, pushes = Gaps(point, n_models), GradientSum(n_models, len(point) - n_models)
    for block in blocks:
        win = logistic(gaps.of(block))[0]
        pushes.add(block, block.weighted(block.share - win))
    return pushes.vector()


def _sum_up(blocks: Iterator[Block], point: FloatArray, n_models: int, with_scatter: bool) -> Sums:
    n, k = n_models, len(point) - n_models
    gaps, pushes, log_likelihood = Gaps(point, n), GradientSum(n, k), 0.0
    curving, scattering = DesignSum(n, k), DesignSum(n, k)
    for block in blocks:
        gap = gaps.of(block)
        win, loss = logistic(gap)
        push = block.weighted(block.share - win)
        pushes.add(block, push)
        curving.add(block, block.weighted(win * loss))
        if with_scatter:
            scattering.add(block, push**2)
            log_likelihood += float(block.weighted(np.log(loss) + block.share * gap).sum())
    scatter = scattering.matrix() if with_scatter else None
    return Sums(pushes.vector(), curving.matrix(), scatter, log_likelihood)


def _add(one: Sums, other: Sums) -> Sums:
    return Sums(
        one.gradient + other.gradient,
        one.information + other.information,
        None if one.scatter is None or other.scatter is None else one.scatter + other.scatter,
        one.log_likelihood + other.log_likelihood,
    )


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
