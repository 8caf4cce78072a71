"""Many exact multinomial resamples of a table of counts, quickly.

Resampling N votes with replacement is one multinomial draw over the table's cells. Drawing it cell
by cell costs a binomial each; instead (a) independent Poisson counts of slightly lower mean are
drawn for all cells, which given their total are multinomial, and (b) the votes still missing are
drawn one by one. Both steps are exact, so the result is. Poisson counts come from tables of the
inverse distribution indexed by 16 random bits; the few indices inside which the distribution steps
are resolved with a full-precision draw.
"""

import numpy as np
from scipy.special import pdtr

from ratings.core.arrays import AnyArray, FloatArray, IntArray

TABLE_BITS = 16
TABLE_SIZE = 1 << TABLE_BITS
# A table pays for itself once it serves as many draws as it has entries.
DRAWS_PER_TABLE = TABLE_SIZE
# How many standard deviations below N the mean of the Poisson total is set; a total above N, of
# probability 2%, is drawn again.
HEADROOM = 2.0


class MultinomialSampler:
    """Draws resamples of as many votes as the table holds.

    Args:
        counts: (C,) counts of the cells, in ascending order (equal ones share a table).
        total: number of votes to draw, normally their sum.
        rounds_in_all: how many resamples will be drawn, which decides whether tables pay.
    """

    def __init__(self, counts: FloatArray, total: int, rounds_in_all: int) -> None:
        self.total = total
        shrink = max(0.0, 1.0 - HEADROOM / np.sqrt(total))
        self._means = counts * (shrink * total / counts.sum())
        self._starts = np.flatnonzero(np.diff(counts, prepend=-1.0))
        self._counts = counts[self._starts]
        self._below = (np.cumsum(counts) - counts)[self._starts]
        self._votes = float(counts.sum())
        ends = np.append(self._starts[1:], len(counts))
        self._groups = [
            _Group(int(start), int(end), float(self._means[start]), rounds_in_all)
            for start, end in zip(self._starts, ends, strict=True)
        ]

    def draw(self, rounds: int, rng: np.random.Generator) -> AnyArray:
        """Return (C, rounds) counts, in 16 bits when they fit."""
        drawn = self._poisson(rounds, rng)
        missing = self.total - self._totals(drawn)
        while (excess := np.flatnonzero(missing < 0)).size:
            drawn[:, excess] = self._poisson(len(excess), rng)
            missing[excess] = self.total - self._totals(drawn[:, excess])
        cell = self._one_by_one(missing.sum(), rng)
        column = rng.permutation(np.repeat(np.arange(rounds), missing))
        np.add.at(drawn.reshape(-1), cell * rounds + column, drawn.dtype.type(1))
        return drawn

    def _one_by_one(self, votes: int, rng: np.random.Generator) -> IntArray:
        # The group first, among a hundred or so, then the cell, as all in a group are alike. In
        # ascending order, which is quicker to look up; so the rounds are dealt at random.
        at = np.sort(rng.random(votes) * self._votes)
        group = np.searchsorted(self._below, at, side="right") - 1
        inside = ((at - self._below[group]) / self._counts[group]).astype(np.int64)
        cell: IntArray = self._starts[group] + inside
        return np.minimum(cell, len(self._means) - 1)

    def _totals(self, drawn: AnyArray) -> IntArray:
        dtype = np.uint32 if self.total < 1 << 31 else np.uint64
        totals: IntArray = drawn.sum(axis=0, dtype=dtype).astype(np.int64)
        return totals

    def _poisson(self, rounds: int, rng: np.random.Generator) -> AnyArray:
        # Narrow numbers, as memory is what takes the time, yet with room to add up a pair's votes.
        dtype = np.uint16 if self._means[-1] < 1 << 13 else np.uint64
        drawn = np.empty((len(self._means), rounds), dtype=dtype)
        for group in self._groups:
            group.draw(drawn[group.start : group.end], rng)
        return drawn


class _Group:
    """Cells start .. end - 1, which share a mean."""

    def __init__(self, start: int, end: int, mean: float, rounds_in_all: int) -> None:
        self.start, self.end, self._mean = start, end, mean
        worth_it = (end - start) * rounds_in_all >= DRAWS_PER_TABLE
        self._table = inverse_table(mean) if worth_it else None

    def draw(self, out: AnyArray, rng: np.random.Generator) -> None:
        if self._table is None:
            out[:] = rng.poisson(self._mean, out.shape)
            return
        table, distribution = self._table
        words = rng.integers(0, 2**64, -(-out.size // 4), dtype=np.uint64)
        index = words.view(np.uint16)[: out.size]
        flat = table.take(index, mode="clip")  # 16 bits are always inside; this skips the check
        open_ = np.flatnonzero(flat == len(distribution))
        exact = (index[open_] + rng.random(len(open_))) / TABLE_SIZE
        flat[open_] = np.searchsorted(distribution, exact, side="right")
        out[:] = flat.reshape(out.shape)


def inverse_table(mean: float) -> tuple[AnyArray, FloatArray]:
    """Inverse of the Poisson distribution function on a grid of `TABLE_SIZE` equal steps.

    Returns:
        (TABLE_SIZE,) counts in the narrowest integers (the table should fit the cache), with
        the length of the second array where the function steps inside; and the distribution
        function itself, from 0 up to where it is 1 to double precision.
    """
    support = np.arange(int(mean + 9.0 * np.sqrt(mean) + 30.0), dtype=np.float64)
    distribution: FloatArray = pdtr(support, np.full_like(support, mean))
    unresolved = len(distribution)
    step = np.minimum(distribution * TABLE_SIZE, TABLE_SIZE).astype(np.int64)
    table = np.full(TABLE_SIZE, unresolved, dtype=np.min_scalar_type(unresolved))
    filled = np.repeat(np.arange(unresolved), np.diff(step, prepend=0))
    table[: len(filled)] = filled
    table[step[step < TABLE_SIZE]] = unresolved
    return table, distribution
