"""Votes summed up per voter and pair, for methods that must not treat votes as independent."""

from dataclasses import dataclass, replace

import numpy as np

from ratings.core.data.arrays import AnyArray, BoolArray, FloatArray, IntArray, ReadOnly
from ratings.core.data.cells import MIRRORED, N_VERDICTS, fold_pairs
from ratings.core.data.validation import LARGE, reject_first


@dataclass(frozen=True, eq=False)
class VoterTallies(ReadOnly):
    """Weighted verdicts of every (voter, pair) that occurs.

    Attributes:
        voter: (R,) voter indices, rising.
        pair: (R,) row of `Tallies.pairs`.
        weights: (R, 4) summed weights [first wins, second wins, ties, both bad].
        n_voters: number of voter indices, the largest plus one.
    """

    voter: IntArray
    pair: IntArray
    weights: FloatArray
    n_voters: int

    @classmethod
    def from_votes(
        cls,
        pairs: IntArray,
        n_models: int,
        a: AnyArray,
        b: AnyArray,
        verdict: AnyArray,
        voter: AnyArray,
        weight: FloatArray | None,
    ) -> "VoterTallies":
        """Group N checked votes by voter and pair; `pairs` are all pairs that occur, sorted.

        Raises:
            BadVotesError: names the first negative voter.
        """
        names = voter.astype(np.int64)
        reject_first(names < 0, "voter", names, "is negative")
        keys, mirrored = fold_pairs(a.astype(np.int64), b.astype(np.int64), n_models)
        pair = _rows_of(keys, pairs[:, 0] * n_models + pairs[:, 1], n_models)
        outcome = np.where(mirrored, np.asarray(MIRRORED)[verdict], verdict)
        cells, sums = _sums((names * len(pairs) + pair) * N_VERDICTS + outcome, weight)
        row, seen = np.divmod(cells, N_VERDICTS)
        begins = np.flatnonzero(np.diff(row, prepend=-1))
        weights = np.zeros((len(begins), N_VERDICTS))
        weights[np.repeat(np.arange(len(begins)), np.diff(begins, append=len(row))), seen] = sums
        owner, pair_row = np.divmod(row[begins], len(pairs))
        return cls(owner, pair_row, weights, int(names.max()) + 1)

    def of_pairs(self, kept: BoolArray) -> "VoterTallies":
        """Keep the pairs where (P,) `kept` is True, and renumber them."""
        if kept.all():
            return self
        mine = kept[self.pair]
        row = np.cumsum(kept) - 1
        return replace(
            self, voter=self.voter[mine], pair=row[self.pair[mine]], weights=self.weights[mine]
        )

    def reweighted(self, factor: FloatArray) -> "VoterTallies":
        """Multiply the weights on pair p by factor[p]."""
        return replace(self, weights=self.weights * factor[self.pair, None])


def _rows_of(keys: IntArray, known: IntArray, n_models: int) -> IntArray:
    """(N,) place of each key of a pair among the sorted (P,) that are known."""
    if n_models > LARGE:
        return np.searchsorted(known, keys)
    table = np.empty(n_models**2, dtype=np.int64)
    table[known] = np.arange(len(known))
    return table.take(keys)


def _sums(cells: IntArray, weight: FloatArray | None) -> tuple[IntArray, FloatArray]:
    """The cells that occur, sorted, and the votes in each, or their weights."""
    if weight is not None:
        found, position = np.unique(cells, return_inverse=True)
        return found, np.bincount(position, weight).astype(np.float64)
    cells = np.sort(cells)  # several times as fast as np.unique with counts
    begins = np.flatnonzero(np.diff(cells, prepend=-1))
    return cells[begins], np.diff(begins, append=len(cells)).astype(np.float64)
