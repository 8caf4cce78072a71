"""Sums over votes with covariates: gradient, information and scatter, block by block."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array

from ratings.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from ratings.core.elo import LEFT_SHARE
from ratings.core.ties import logistic

# Votes in work at once: small enough for the cache, large enough for numpy.
BLOCK = 1 << 14
SIGNS = np.tile([1.0, -1.0], BLOCK)


@dataclass(frozen=True, eq=False)
class CovariateVotes:
    """Votes among models that can be rated, numbered 0 .. n_models - 1.

    Attributes:
        a, b, verdict: (N,); x: (N, k) covariates; weight: (N,) or None for 1 each.
        voter: (N,) or None.
    """

    a: AnyArray
    b: AnyArray
    verdict: AnyArray
    x: FloatArray
    weight: FloatArray | None
    voter: AnyArray | None
    n_models: int

    @classmethod
    def of_rated(
        cls,
        a: AnyArray,
        b: AnyArray,
        verdict: AnyArray,
        x: FloatArray,
        weight: FloatArray | None,
        voter: AnyArray | None,
        rated: BoolArray,
    ) -> "CovariateVotes":
        """Drop the votes on models that are not rated, and number the rated ones."""
        n_models = int(rated.sum())
        if rated.all():
            return cls(a, b, verdict, x, weight, voter, n_models)
        kept = rated[a.astype(np.int64)] & rated[b.astype(np.int64)]
        number = np.cumsum(rated) - 1
        left, right = number[a[kept].astype(np.int64)], number[b[kept].astype(np.int64)]
        heft = None if weight is None else weight[kept]
        group = None if voter is None else voter[kept]
        return cls(left, right, verdict[kept], x[kept], heft, group, n_models)

    def every(self, stride: int) -> "CovariateVotes":
        """Every `stride`-th vote."""
        part = slice(None, None, stride)
        heft = None if self.weight is None else self.weight[part]
        columns = self.a[part], self.b[part], self.verdict[part], self.x[part]
        return CovariateVotes(*columns, heft, None, self.n_models)

    def blocks(self) -> Iterator["Block"]:
        """The votes, `BLOCK` at a time."""
        for start in range(0, len(self.a), BLOCK):
            part = slice(start, start + BLOCK)
            left, right = (column[part].astype(np.int64) for column in (self.a, self.b))
            share = np.take(LEFT_SHARE, self.verdict[part].astype(np.int64))
            heft = None if self.weight is None else self.weight[part]
            yield Block(left, right, share, self.x[part], heft, self.n_models)


@dataclass(frozen=True, eq=False)
class Block:
    """Some votes, ready to be summed."""

    a: IntArray
    b: IntArray
    share: FloatArray
    x: FloatArray
    weight: FloatArray | None
    n_models: int

    def expected(self, point: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(B,) probability that the left and the right side wins at a point (n + k,)."""
        scores, slopes = point[: self.n_models], point[self.n_models :]
        return logistic(scores[self.a] - scores[self.b] + self.x @ slopes)

    def to_models(self) -> csc_array:
        """(n, B) matrix that adds a value of each vote to its left model, less to its right."""
        size = len(self.a)
        models = np.empty((size, 2), dtype=np.int32)
        models[:, 0], models[:, 1] = self.a, self.b
        starts = np.arange(0, 2 * size + 1, 2, dtype=np.int32)
        return csc_array((SIGNS[: 2 * size], models.ravel(), starts), shape=(self.n_models, size))


class DesignSums:
    """Sums over votes, z being a vote's (n + k,) row of the design: 1, -1 and its covariates."""

    def __init__(self, n_models: int, n_covariates: int) -> None:
        self._n = n_models
        self._met = np.zeros(n_models * n_models)
        self._net = np.zeros((n_models, 1 + n_covariates))
        self._products = np.zeros((1 + n_covariates, n_covariates))

    def add(self, block: Block, heft: FloatArray, push: FloatArray) -> None:
        """Add heft * z z' to the matrix and push * z to the vector, for (B,) heft and push."""
        columns = np.empty((len(heft), 1 + block.x.shape[1]))
        columns[:, 0] = push
        np.multiply(block.x, heft[:, None], out=columns[:, 1:])
        np.add.at(self._met, block.a * self._n + block.b, heft)
        self._net += block.to_models() @ columns
        self._products += columns.T @ block.x

    def matrix(self) -> FloatArray:
        """(n + k, n + k) sum of heft * z z'."""
        n, k = self._n, self._products.shape[1]
        met = self._met.reshape(n, n)
        matrix = np.empty((n + k, n + k))
        matrix[:n, :n] = -met - met.T
        np.fill_diagonal(matrix[:n, :n], met.sum(axis=0) + met.sum(axis=1))
        matrix[:n, n:], matrix[n:, :n] = self._net[:, 1:], self._net[:, 1:].T
        matrix[n:, n:] = self._products[1:]
        return matrix

    def vector(self) -> FloatArray:
        """(n + k,) sum of push * z."""
        return np.append(self._net[:, 0], self._products[0])
