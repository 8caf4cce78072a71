"""Sums over votes with covariates: gradient, information and scatter, block by block."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array

from ratings.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from ratings.core.elo import LEFT_SHARE

# Votes in work at once: small enough for the cache, large enough for numpy.
BLOCK = 1 << 14
SIGNS = np.tile([1.0, -1.0], BLOCK)
STARTS = np.arange(0, 2 * BLOCK + 1, 2, dtype=np.int32)
SHARES = np.array(LEFT_SHARE)


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
            left, right = (np.asarray(c[part], dtype=np.int64) for c in (self.a, self.b))
            share = SHARES.take(np.asarray(self.verdict[part], dtype=np.int64))
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

    def gaps(self, point: FloatArray) -> FloatArray:
        """(B,) log-odds of the left side at a point (n + k,)."""
        scores, slopes = point[: self.n_models], point[self.n_models :]
        gaps: FloatArray = self.x @ slopes
        gaps += scores.take(self.a)
        gaps -= scores.take(self.b)
        return gaps

    def to_models(self) -> csc_array:
        """(n, B) matrix that adds a value of each vote to its left model, less to its right."""
        size = len(self.a)
        models = np.empty((size, 2), dtype=np.int32)
        models[:, 0], models[:, 1] = self.a, self.b
        entries = SIGNS[: 2 * size], models.ravel(), STARTS[: size + 1]
        return csc_array(entries, shape=(self.n_models, size))


class DesignSums:
    """Sums over votes, z being a vote's (n + k,) row of the design: 1, -1 and its covariates."""

    def __init__(self, n_models: int, n_covariates: int) -> None:
        self._n = n_models
        self._met = np.zeros(n_models * n_models)
        self._net = np.zeros((n_models, n_covariates))
        self._products = np.zeros((n_covariates, n_covariates))

    def add(self, block: Block, to_models: csc_array, heft: FloatArray) -> None:
        """Add heft * z z' for (B,) heft; `to_models` is the block's."""
        weighted = block.x * heft[:, None]
        np.add.at(self._met, block.a * self._n + block.b, heft)
        self._net += to_models @ weighted
        self._products += weighted.T @ block.x

    def matrix(self) -> FloatArray:
        """(n + k, n + k) sum of heft * z z'."""
        n, k = self._net.shape
        met = self._met.reshape(n, n)
        matrix = np.empty((n + k, n + k))
        matrix[:n, :n] = -met - met.T
        np.fill_diagonal(matrix[:n, :n], met.sum(axis=0) + met.sum(axis=1))
        matrix[:n, n:], matrix[n:, :n] = self._net, self._net.T
        matrix[n:, n:] = self._products
        return matrix
