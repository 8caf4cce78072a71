"""Votes summed up per voter and pair, for methods that must not treat votes as independent."""

from dataclasses import dataclass, replace

import numpy as np

from ratings.core.data.arrays import AnyArray, BoolArray, FloatArray, IntArray, ReadOnly
from ratings.core.data.cells import MIRRORED, N_VERDICTS, fold_pairs
from ratings.core.data.validation import reject_first


@dataclass(frozen=True, eq=False)
class VoterTallies(ReadOnly):
    """Weighted verdicts of every (voter, pair) that occurs.

    Attributes:
        voter: (R,) voter indices.
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
        pair = np.searchsorted(pairs[:, 0] * n_models + pairs[:, 1], keys)
        outcome = np.where(mirrored, np.asarray(MIRRORED)[verdict], verdict)
        rows, position = np.unique(names * len(pairs) + pair, return_inverse=True)
        cell = position * N_VERDICTS + outcome
        sums = np.bincount(cell, weight, minlength=len(rows) * N_VERDICTS).astype(np.float64)
        owner, pair_row = np.divmod(rows, len(pairs))
        return cls(owner, pair_row, sums.reshape(-1, N_VERDICTS), int(names.max()) + 1)

    def of_pairs(self, kept: BoolArray) -> "VoterTallies":
        """Keep the pairs where (P,) `kept` is True, and renumber them."""
        mine = kept[self.pair]
        row = np.cumsum(kept) - 1
        return replace(
            self, voter=self.voter[mine], pair=row[self.pair[mine]], weights=self.weights[mine]
        )

    def reweighted(self, factor: FloatArray) -> "VoterTallies":
        """Multiply the weights on pair p by factor[p]."""
        return replace(self, weights=self.weights * factor[self.pair, None])
