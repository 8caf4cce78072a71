"""Votes with covariates, taken block by block, so that memory does not grow with their number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csc_array

from ratings.core.data.arrays import AnyArray, BoolArray, FloatArray, IntArray
from ratings.core.fit.elo import LEFT_SHARE

# Votes processed at once: small enough for the cache, large enough for numpy.
BLOCK = 1 << 14
SHARES = np.array(LEFT_SHARE)
STARTS = np.arange(0, 2 * BLOCK + 1, 2, dtype=np.int32)


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

    def among(self, rated: BoolArray) -> "CovariateVotes":
        """Drop the votes on models that are not rated, and number the rated ones."""
        if rated.all():
            return self
        a, b = self.a.astype(np.int64), self.b.astype(np.int64)
        number = np.cumsum(rated) - 1
        kept = self._rows(rated[a] & rated[b])
        left, right = number[kept.a.astype(np.int64)], number[kept.b.astype(np.int64)]
        return replace(kept, a=left, b=right, n_models=int(rated.sum()))

    def every(self, stride: int) -> "CovariateVotes":
        """Every `stride`-th vote."""
        return self._rows(slice(None, None, stride))

    def _rows(self, kept: BoolArray | slice) -> "CovariateVotes":
        def of(column: AnyArray) -> AnyArray:
            return np.ascontiguousarray(column[kept])

        return replace(
            self,
            a=of(self.a),
            b=of(self.b),
            verdict=of(self.verdict),
            x=of(self.x),
            weight=None if self.weight is None else of(self.weight),
            voter=None if self.voter is None else of(self.voter),
        )

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
    """B votes, ready to be summed.

    Attributes:
        a, b: (B,) model indices; x: (B, k) covariates; weight: (B,) or None for 1 each.
        share: (B,) what the left side got: 1, 0, or 0.5 for ties and both-bad.
    """

    a: IntArray
    b: IntArray
    share: FloatArray
    x: FloatArray
    weight: FloatArray | None
    n_models: int

    @cached_property
    def pair(self) -> IntArray:
        """(B,) cell of each vote in an (n, n) table, left model first."""
        return self.a * self.n_models + self.b

    @cached_property
    def columns(self) -> FloatArray:
        """(k, B) covariates, each contiguous in memory."""
        return np.ascontiguousarray(self.x.T)

    @cached_property
    def sides(self) -> AnyArray:
        """(2B,) left and right model of each vote in turn."""
        return np.stack([self.a, self.b], axis=1).astype(np.int32).ravel()

    def to_models(self, values: FloatArray) -> csc_array:
        """(n, B) matrix: a vote's value at its left model, minus the value at its right."""
        entries = np.stack([values, -values], axis=1).ravel()
        starts = STARTS[: len(values) + 1]
        return csc_array((entries, self.sides, starts), shape=(self.n_models, len(values)))

    def weighted(self, values: FloatArray) -> FloatArray:
        """(B,) values times the weights of the votes."""
        return values if self.weight is None else values * self.weight
