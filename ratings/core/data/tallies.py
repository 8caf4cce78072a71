"""Votes summed up per pair and verdict: the sufficient statistic of every paired-comparison model.

Two million votes on two hundred models become at most 19,900 rows. Everything but style control and
Elo is computed from those rows, at a cost that does not depend on the number of votes.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ratings.core.data import cells
from ratings.core.data.arrays import BoolArray, FloatArray, IntArray, ReadOnly
from ratings.core.data.errors import BadVotesError, NotEnoughDataError
from ratings.core.data.laplacian import degree, net_flow
from ratings.core.data.validation import (
    as_floats,
    as_indices,
    as_weights,
    check_n_models,
    check_same_length,
    reject_first,
)
from ratings.core.data.verdicts import Verdict
from ratings.core.data.voter_tallies import VoterTallies

BothBadReading = Literal["tie", "drop"]


def merge_verdicts(values: FloatArray, both_bad: BothBadReading) -> FloatArray:
    """Reduce (R, 4) verdict sums to (R, 3) [first wins, second wins, ties].

    Both-bad counts as a tie, or is dropped (then see `quality_floor` for what it says).
    """
    merged = values[:, :3].copy(order="F")
    if both_bad == "tie":
        merged[:, Verdict.TIE] += values[:, Verdict.BOTH_BAD]
    return merged


@dataclass(frozen=True, eq=False)
class Tallies(ReadOnly):
    """Verdict counts of every pair that met.

    Attributes:
        n_models: number of models, indexed 0 .. n_models - 1; some may have no votes.
        pairs: (P, 2) model indices, first < second, sorted, each pair once.
        counts: (P, 4) number of votes [first wins, second wins, ties, both bad].
        weights: (P, 4) summed vote weights; equal to `counts` when votes are unweighted.
        squares: (P, 4) summed squared vote weights, what the sandwich covariance needs.
        voters: the same weights per voter and pair, when votes came with voters.
    """

    n_models: int
    pairs: IntArray
    counts: FloatArray
    weights: FloatArray
    squares: FloatArray
    voters: VoterTallies | None = None

    @classmethod
    def from_votes(
        cls,
        a: ArrayLike,
        b: ArrayLike,
        verdict: ArrayLike,
        n_models: int,
        weight: ArrayLike | None = None,
        voter: ArrayLike | None = None,
    ) -> "Tallies":
        """Sum up N votes in one pass.

        Args:
            a, b: (N,) integer indices of the models on the left and right side.
            verdict: (N,) integers, see `Verdict`.
            n_models: number of models.
            weight: (N,) non-negative weights, such as 1 / P(pair was drawn); default 1 each.
            voter: (N,) non-negative integers; keeps what clustering by voter needs.

        Raises:
            BadVotesError: names the first row with a bad index, verdict, weight or self-pair.
            NotEnoughDataError: no votes, or fewer than two models.
        """
        check_n_models(n_models)
        columns = as_indices(a, "a"), as_indices(b, "b"), as_indices(verdict, "verdict")
        size = check_same_length(a=columns[0], b=columns[1], verdict=columns[2])
        heft = None if weight is None else as_weights(weight, size)
        pairs, sums = cells.sum_votes(*columns, n_models, heft)
        tallies = cls(n_models, pairs, *sums)
        if voter is None:
            return tallies
        names = as_indices(voter, "voter")
        check_same_length(a=columns[0], voter=names)
        return replace(
            tallies, voters=VoterTallies.from_votes(pairs, n_models, *columns, names, heft)
        )

    @classmethod
    def by_slice(
        cls,
        slices: ArrayLike,
        a: ArrayLike,
        b: ArrayLike,
        verdict: ArrayLike,
        n_models: int,
        *,
        weight: ArrayLike | None = None,
        voter: ArrayLike | None = None,
    ) -> "list[Tallies]":
        """Sum up N votes for each slice (language, category, week) at once.

        Args:
            slices: (N,) non-negative integers; the rest as in `from_votes`.

        Returns:
            Tallies of slices 0 .. the largest one; without pairs where a slice has no votes.

        Raises:
            BadVotesError, NotEnoughDataError: as `from_votes`, and for a negative slice.
        """
        columns = as_indices(a, "a"), as_indices(b, "b"), as_indices(verdict, "verdict")
        part = as_indices(slices, "slices").astype(np.int64)
        check_same_length(slices=part, a=columns[0], b=columns[1], verdict=columns[2])
        reject_first(part < 0, "slices", part, "is negative")
        cells.check_votes(*columns, n_models)
        n_slices = int(part.max()) + 1
        # Each slice gets its own copy of every model, so votes of different slices never mix.
        left, right = (column.astype(np.int64) + part * n_models for column in columns[:2])
        whole = cls.from_votes(left, right, columns[2], n_models * n_slices, weight, voter)
        owner = whole.pairs[:, 0] // n_models
        return [whole._part(owner == i, i * n_models, n_models) for i in range(n_slices)]

    def _part(self, kept: BoolArray, offset: int, n_models: int) -> "Tallies":
        return Tallies(
            n_models=n_models,
            pairs=self.pairs[kept] - offset,
            counts=self.counts[kept],
            weights=self.weights[kept],
            squares=self.squares[kept],
            voters=None if self.voters is None else self.voters.of_pairs(kept),
        )

    @classmethod
    def from_counts(cls, pairs: ArrayLike, counts: ArrayLike, n_models: int) -> "Tallies":
        """Build from counts that are summed up already.

        Args:
            pairs: (P, 2) integer model indices, in any order; repeated and mirrored pairs add up.
            counts: (P, 4) non-negative [first wins, second wins, ties, both bad]; fractions (such
                as expected votes) are allowed.
            n_models: number of models.

        Raises:
            BadVotesError: names the first row with a bad index, count or self-pair.
            NotEnoughDataError: fewer than two models or no votes at all.
        """
        check_n_models(n_models)
        table = as_floats(pairs, "pairs")
        if table.size == 0:
            raise NotEnoughDataError("There are no votes.")
        if table.ndim != 2 or table.shape[1] != 2:
            raise BadVotesError(f"'pairs' has shape {table.shape}, expected (P, 2).")
        first, second = as_indices(table[:, 0], "first"), as_indices(table[:, 1], "second")
        values = as_floats(counts, "counts")
        if values.shape != (len(table), len(Verdict)):
            raise BadVotesError(f"'counts' has shape {values.shape}, expected ({len(table)}, 4).")
        folded, sums = cells.sum_counts(first, second, values, n_models)
        return cls(n_models, folded, sums, sums, sums)

    @cached_property
    def votes(self) -> FloatArray:
        """(n_models,) number of votes each model took part in."""
        return self.per_model(self.counts.sum(axis=1))

    @property
    def wins(self) -> FloatArray:
        """(n_models,) wins plus half the ties and both-bad of each model."""
        lead = self.counts[:, Verdict.A] - self.counts[:, Verdict.B]
        return 0.5 * (self.votes + net_flow(self.pairs, lead, self.n_models))

    @property
    def win_rate(self) -> FloatArray:
        """(n_models,) `wins` over `votes`; NaN for models without votes."""
        votes = self.votes
        rate = np.full(self.n_models, np.nan)
        np.divide(self.wins, votes, out=rate, where=votes > 0)
        return rate

    @property
    def n_votes(self) -> float:
        """Number of votes."""
        return float(self.counts.sum())

    def per_model(self, per_pair: FloatArray) -> FloatArray:
        """Add the (P,) values of the pairs to both their models; returns (n_models,)."""
        return degree(self.pairs, per_pair, self.n_models)

    def reweighted(self, factor: ArrayLike) -> "Tallies":
        """Multiply the weight of every vote on pair p by factor[p]; counts stay as they are.

        Raises:
            BadVotesError: a factor is negative or not finite.
        """
        scale = as_weights(factor, len(self.pairs), "factor")[:, None]
        voters = None if self.voters is None else self.voters.reweighted(scale[:, 0])
        return replace(
            self, weights=self.weights * scale, squares=self.squares * scale**2, voters=voters
        )

    def balanced(self, floor: float = 50.0) -> "Tallies":
        """Give pairs about the same total weight: 1 / max(votes on it, floor) per vote, mean 1.

        The floor keeps a handful of votes on a rare pair from getting large weights (the convention
        of Chatbot Arena's rating notebook, with floor 50).
        """
        factor = 1.0 / np.maximum(self.counts.sum(axis=1), floor)
        total = self.weights.sum(axis=1) @ factor
        return self.reweighted(factor * (self.weights.sum() / total))
