"""Sums over votes with covariates: gradient, information and scatter, block by block."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from ratings.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from ratings.core.elo import LEFT_SHARE
from ratings.core.ties import logistic

# Votes in work at once: a few megabytes, small enough for the cache, large enough for numpy.
BLOCK = 1 << 15


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

    def net(self, columns: FloatArray) -> FloatArray:
        """Sum the (B, c) columns over votes: added to the left model, taken from the right."""
        size = len(self.a)
        models = np.stack([self.a, self.b], axis=1).ravel()
        signs = np.tile([1.0, -1.0], size)
        starts = np.arange(0, 2 * size + 1, 2)
        incidence = csr_array((signs, models, starts), shape=(size, self.n_models))
        sums: FloatArray = incidence.T @ columns
        return sums

    def outer(self, heft: FloatArray) -> FloatArray:
        """Sum of heft * z z' over the votes, z their (n + k,) row of the design; dense."""
        n = self.n_models
        met = np.bincount(self.a * n + self.b, heft, minlength=n * n).reshape(n, n)
        weighted = self.x * heft[:, None]
        cross = self.net(weighted)
        matrix = np.empty((n + self.x.shape[1], n + self.x.shape[1]))
        matrix[:n, :n] = -met - met.T
        np.fill_diagonal(matrix[:n, :n], met.sum(axis=0) + met.sum(axis=1))
        matrix[:n, n:], matrix[n:, :n] = cross, cross.T
        matrix[n:, n:] = weighted.T @ self.x
        return matrix
