"""Many exact multinomial resamples of a table of counts, quickly.

Resampling N votes with replacement is one multinomial draw over the table's cells. Drawing it cell
by cell costs a binomial draw for each; instead (a) all cells get independent Poisson counts of
slightly lower mean, which are multinomial given their total, and (b) the votes still missing are
drawn one by one. Both steps are exact, so the result is too. Poisson counts come from tables of the
inverse distribution function indexed by 16 random bits; the few entries within which the
distribution function steps are resolved with a full-precision draw.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike
from scipy.special import pdtr

from ratings.core.data.arrays import AnyArray, FloatArray, IntArray

TABLE_BITS = 16
TABLE_SIZE = 1 << TABLE_BITS
# A table pays off once it replaces this many draws, each of which takes far longer.
DRAWS_PER_TABLE = 1 << 13
# How many standard deviations below N the mean of the Poisson total is set; a total above N, of
# probability 0.1%, is drawn again.
HEADROOM = 3.0
# Entries per cell of the lookup guide for single votes: most are then found without a search.
GUIDE_PER_CELL = 4
NO_TABLE: tuple[AnyArray, FloatArray] = np.zeros(0, np.uint16), np.zeros(0)


class MultinomialSampler:
    """Draws resamples of as many votes as the table holds.

    Args:
        counts: (C,) counts of the cells, in ascending order (equal ones share a table).
        total: number of votes to draw, normally their sum.
        rounds_in_all: how many resamples will be drawn, which decides whether tables pay off.
    """

    def __init__(self, counts: FloatArray, total: int, rounds_in_all: int) -> None:
        self.total = total
        shrink = max(0.0, 1.0 - HEADROOM / np.sqrt(total))
        self._means = counts * (shrink * total / counts.sum())
        # Narrow integers, because memory bandwidth is the limit, but wide enough for a pair's
        # votes.
        self._dtype = np.uint16 if self._means[-1] < 1 << 13 else np.uint64
        self._votes, self._ends = float(counts.sum()), np.cumsum(counts)
        guide = np.linspace(0.0, self._votes, GUIDE_PER_CELL * len(counts), endpoint=False)
        self._guide = np.searchsorted(self._ends, guide, side="right")
        self._ends[-1] = np.inf  # no rounding leads past the last cell
        self._groups = self._grouped(counts, rounds_in_all)
        # One search serves all groups: the distribution of group i is kept as i + its values.
        steps = [i + group.distribution for i, group in enumerate(self._groups)]
        self._steps, sizes = np.concatenate(steps), [len(part) for part in steps]
        self._first_step = np.cumsum([0, *sizes[:-1]])
        cells = [group.cells.stop - group.cells.start for group in self._groups]
        self._group_of = np.repeat(np.arange(len(cells)), cells)

    def _grouped(self, counts: FloatArray, rounds_in_all: int) -> list["_Group"]:
        starts = np.flatnonzero(np.diff(counts, prepend=-1.0))
        groups = []
        for start, end in zip(starts, np.append(starts[1:], len(counts)), strict=True):
            mean = float(self._means[start])
            worth_it = (end - start) * rounds_in_all >= DRAWS_PER_TABLE
            table, distribution = inverse_table(mean, self._dtype) if worth_it else NO_TABLE
            groups.append(_Group(slice(int(start), int(end)), mean, table, distribution))
        return groups

    def draw(self, rounds: int, rng: np.random.Generator) -> AnyArray:
        """Return (C, rounds) counts, in 16 bits when they fit."""
        drawn = self._poisson(rounds, rng)
        missing = self.total - self._totals(drawn)
        while (excess := np.flatnonzero(missing < 0)).size:
            drawn[:, excess] = self._poisson(len(excess), rng)
            missing[excess] = self.total - self._totals(drawn[:, excess])
        column = np.repeat(np.arange(rounds), missing)
        cell = self._one_by_one(len(column), rng)
        np.add.at(drawn.reshape(-1), cell * rounds + column, drawn.dtype.type(1))
        return drawn

    def _one_by_one(self, votes: int, rng: np.random.Generator) -> IntArray:
        # Returns (votes,) cells of single votes. The guide gives a cell at or below the right one.
        share = rng.random(votes)
        at = share * self._votes
        cell: IntArray = self._guide.take((share * len(self._guide)).astype(np.int64))
        low = np.flatnonzero(self._ends.take(cell) <= at)
        while low.size:
            cell[low] += 1
            low = low[self._ends.take(cell[low]) <= at[low]]
        return cell

    def _totals(self, drawn: AnyArray) -> IntArray:
        dtype = np.uint32 if self.total < 1 << 31 else np.uint64
        totals: IntArray = drawn.sum(axis=0, dtype=dtype).astype(np.int64)
        return totals

    def _poisson(self, rounds: int, rng: np.random.Generator) -> AnyArray:
        shape = len(self._means), rounds
        words = rng.integers(0, 2**64, -(-shape[0] * rounds // 4), dtype=np.uint64)
        index = words.view(np.uint16)[: shape[0] * rounds].reshape(shape)
        drawn = np.empty(shape, dtype=self._dtype)
        for group in self._groups:
            group.draw(index[group.cells], drawn[group.cells], rng)
        self._resolve(index.reshape(-1), drawn.reshape(-1), rng)
        return drawn

    def _resolve(self, index: AnyArray, drawn: AnyArray, rng: np.random.Generator) -> None:
        open_ = np.flatnonzero(drawn == unresolved(drawn.dtype))
        group = self._group_of.take(open_ // (len(drawn) // len(self._means)))
        exact = group + (index[open_] + rng.random(len(open_))) / TABLE_SIZE
        found = np.searchsorted(self._steps, exact, side="right")
        drawn[open_] = found - self._first_step.take(group)


@dataclass(frozen=True, eq=False)
class _Group:
    """Cells that share a mean; its table and distribution function, empty if not worthwhile."""

    cells: slice
    mean: float
    table: AnyArray
    distribution: FloatArray

    def draw(self, index: AnyArray, out: AnyArray, rng: np.random.Generator) -> None:
        if self.table.size:  # 16 bits are always in bounds: 'clip' skips the check
            self.table.take(index, out=out, mode="clip")
        else:
            out[:] = rng.poisson(self.mean, out.shape)


def unresolved(dtype: DTypeLike) -> int:
    """Table entry for 'needs a full-precision draw': the largest integer, above any count."""
    return int(np.iinfo(np.dtype(dtype)).max)


def inverse_table(mean: float, dtype: DTypeLike = np.uint16) -> tuple[AnyArray, FloatArray]:
    """Inverse of the Poisson distribution function on a grid of `TABLE_SIZE` equal steps.

    Returns:
        (TABLE_SIZE,) counts, `unresolved` where the function steps within an entry; and the
        distribution function itself, from 0 up to where it is 1 in double precision.
    """
    support = np.arange(int(mean + 9.0 * np.sqrt(mean) + 30.0), dtype=np.float64)
    distribution: FloatArray = pdtr(support, np.full_like(support, mean))
    step = np.minimum(distribution * TABLE_SIZE, TABLE_SIZE).astype(np.int64)
    step[-1] = TABLE_SIZE
    table = np.repeat(np.arange(len(step), dtype=dtype), np.diff(step, prepend=0))
    table[step[step < TABLE_SIZE]] = unresolved(dtype)
    return table, distribution
