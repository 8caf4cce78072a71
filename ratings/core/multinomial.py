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
        counts: (C,) positive counts of the cells, in ascending order (equal ones share a table).
        total: number of votes to draw, normally their sum.
    """

    def __init__(self, counts: FloatArray, total: int, rng: np.random.Generator) -> None:
        self.total = total
        self._rng = rng
        self._share = np.cumsum(counts) / counts.sum()
        shrink = max(0.0, 1.0 - HEADROOM / np.sqrt(total))
        self._means = counts * (shrink * total / counts.sum())
        self._starts = np.flatnonzero(np.diff(counts, prepend=-1.0))
        self._tables: dict[int, tuple[AnyArray, FloatArray]] = {}

    def draw(self, rounds: int, rounds_in_all: int) -> AnyArray:
        """Return (C, rounds) float32 counts; `rounds_in_all` says whether tables will pay."""
        drawn = self._poisson(rounds, rounds_in_all)
        missing = self.total - self._totals(drawn)
        while (excess := np.flatnonzero(missing < 0)).size:
            drawn[:, excess] = self._poisson(len(excess), rounds_in_all)
            missing[excess] = self.total - self._totals(drawn[:, excess])
        cell = np.searchsorted(self._share, np.sort(self._rng.random(missing.sum())), side="right")
        # Sorted for speed, so the votes are dealt out to the rounds at random.
        column = self._rng.permutation(np.repeat(np.arange(rounds), missing))
        np.add.at(drawn.reshape(-1), cell * rounds + column, np.float32(1.0))
        return drawn

    def _totals(self, drawn: AnyArray) -> IntArray:
        # float32 adds whole numbers exactly up to 2^24, and twice as fast.
        dtype = np.float32 if self.total < 1 << 23 else np.float64
        totals: IntArray = drawn.sum(axis=0, dtype=dtype).astype(np.int64)
        return totals

    def _poisson(self, rounds: int, rounds_in_all: int) -> AnyArray:
        drawn = np.empty((len(self._means), rounds), dtype=np.float32)
        ends = [*self._starts[1:], len(self._means)]
        for start, end in zip(self._starts, ends, strict=True):
            part, mean = drawn[start:end], self._means[start]
            if part.shape[0] * rounds_in_all >= DRAWS_PER_TABLE:
                self._from_table(part, int(start), float(mean))
            else:
                part[:] = self._rng.poisson(mean, part.shape)
        return drawn

    def _from_table(self, out: AnyArray, start: int, mean: float) -> None:
        if start not in self._tables:
            self._tables[start] = inverse_table(mean)
        table, distribution = self._tables[start]
        index = self._indices(out.size)
        flat = table.take(index, mode="clip")  # 16 bits are always inside; this skips the check
        open_ = np.flatnonzero(flat == len(distribution))
        exact = (index[open_] + self._rng.random(len(open_))) / TABLE_SIZE
        flat[open_] = np.searchsorted(distribution, exact, side="right")
        out[:] = flat.reshape(out.shape)

    def _indices(self, size: int) -> AnyArray:
        words = self._rng.integers(0, 2**64, -(-size // 4), dtype=np.uint64)
        return words.view(np.uint16)[:size]


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
