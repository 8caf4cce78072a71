"""Votes to flip: how few votes, had they not been cast, would swap two neighbours of the board.

Huang, Shen, Wei and Broderick, "Dropping just a handful of preferences can change top LLM rankings"
(2025), after Broderick, Giordano and Meager's influence ranking: votes are dropped in the order of
their first-order effect on the gap, and every count reported was checked by rating the remaining
votes again. So the number is a proven upper bound: that many votes are enough, fewer might be.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ratings.core.data.arrays import FloatArray, IntArray, ReadOnly
from ratings.core.data.errors import ConvergenceError, RatingsError
from ratings.core.data.graph import Status
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.data.tallies import BothBadReading, Tallies, merge_verdicts
from ratings.core.fit.fitting import fit_rated
from ratings.core.fit.newton import Fit
from ratings.core.methods.bradley_terry import bradley_terry

# Scores closer than this, in natural-log units, are equal up to rounding.
EQUAL = 1e-9
# How many votes are tried one by one when dropping them in bulk disconnects a model.
MAX_SINGLE_VOTES = 300


@dataclass(frozen=True, eq=False)
class Fragility(ReadOnly):
    """One row per pair of neighbours among the rated models, best first.

    Attributes:
        above, below: (M,) model indices.
        votes: (M,) votes whose removal swaps them, checked by refit; inf when every attempt
            disconnects one of them from the others instead.
        share: (M,) of all votes.
        dropped: M arrays (c, 4) of [first, second, verdict, votes], verdict as in `Verdict` with
            both-bad among the ties: the votes to drop.
    """

    above: IntArray
    below: IntArray
    votes: FloatArray
    share: FloatArray
    dropped: tuple[IntArray, ...]


def fragility(
    tallies: Tallies, *, both_bad: BothBadReading = "tie", top: int | None = None
) -> Fragility:
    """Votes to flip for neighbours on the half-win board.

    Args:
        top: only the first `top` pairs of neighbours.

    Raises:
        RatingsError: weighted tallies (only whole votes can be dropped), and whatever
            `bradley_terry` raises.
    """
    if not np.array_equal(tallies.weights, tallies.counts):
        raise RatingsError("Votes to flip are counted on unweighted tallies.")
    ratings = bradley_terry(tallies, both_bad=both_bad)
    order = ratings.order
    search = _Search(tallies, both_bad, ratings.scores / POINTS_PER_NAT)
    pairs = list(pairwise(order.tolist()))[:top]
    found = [search.fewest(above, below) for above, below in pairs]
    votes = np.array([np.inf if drop is None else drop.sum() for drop in found])
    return Fragility(
        above=order[:-1][:top],
        below=order[1:][:top],
        votes=votes,
        share=votes / tallies.n_votes,
        dropped=tuple(_list_votes(tallies, drop) for drop in found),
    )


def _list_votes(tallies: Tallies, drop: FloatArray | None) -> IntArray:
    if drop is None:
        return np.zeros((0, 4), dtype=np.int64)
    pair, verdict = np.nonzero(drop)
    table = np.column_stack([tallies.pairs[pair], verdict, drop[pair, verdict]])
    return table.astype(np.int64)


class _Search:
    """Finds small sets of votes, as (P, 3) counts to drop."""

    def __init__(self, tallies: Tallies, both_bad: BothBadReading, scores: FloatArray) -> None:
        self._pairs, self._n = tallies.pairs, tallies.n_models
        self._outcomes = merge_verdicts(tallies.counts, both_bad)
        self._scores = scores

    def fewest(self, above: int, below: int) -> FloatArray | None:
        """The smallest set found that puts `below` first."""
        order, effect, gap = self._by_effect(np.zeros_like(self._outcomes), above, below)
        ranked = _Ranked(order, self._outcomes)
        guess = np.searchsorted(np.cumsum(ranked.counts * effect), gap)
        best = self._first_swap(ranked, int(ranked.counts[: guess + 1].sum()), above, below)
        if best is None:
            return self._sparing(ranked, above, below)
        # Effects change as votes are dropped: rank the votes again at the swap.
        again = _Ranked(self._by_effect(best, above, below)[0], self._outcomes)
        other = self._first_swap(again, int(best.sum()), above, below)
        return best if other is None or other.sum() >= best.sum() else other

    def _by_effect(
        self, drop: FloatArray, above: int, below: int
    ) -> tuple[IntArray, FloatArray, float]:
        # Returns the cells whose votes widen the gap, strongest first; the effect of one vote of
        # each; and the gap itself.
        fit, number = self._refit(drop)
        ends = np.zeros(fit.problem.n_models)
        ends[number[above]], ends[number[below]] = 1.0, -1.0
        lever = self._gaps(fit.factor.solve(ends), number)
        scores = fit.problem.ties.scores(self._gaps(fit.point, number), 0.0)
        effect = np.nan_to_num(lever[:, None] * scores.gap, nan=0.0).ravel()
        cells = np.flatnonzero(effect > 0)
        order = cells[np.argsort(-effect[cells], kind="stable")]
        return order, effect[order], float(ends @ fit.point[: len(ends)])

    def _gaps(self, values: FloatArray, number: IntArray) -> FloatArray:
        full = np.where(number >= 0, values[number], np.nan)
        return full[self._pairs[:, 0]] - full[self._pairs[:, 1]]

    def _first_swap(
        self, ranked: "_Ranked", guess: int, above: int, below: int
    ) -> FloatArray | None:
        # Exponential search from the guess until low and high bracket the answer, then bisection.
        low, high, most = 0, 0, int(ranked.counts.sum())
        at, stride = max(1, min(guess, most)), 1
        while not (low and high):
            if self._swaps(ranked.first(at), above, below):
                high, at = at, at - stride
            else:
                low, at = at, at + stride
            if (high and at < 1) or (low and at > most):
                break
            stride *= 2
        if not high and (not low or not self._swaps(ranked.first(most), above, below)):
            return None
        high = high or most
        while high - low > 1:
            middle = (low + high) // 2
            if self._swaps(ranked.first(middle), above, below):
                high = middle
            else:
                low = middle
        return ranked.first(high)

    def _sparing(self, ranked: "_Ranked", above: int, below: int) -> FloatArray | None:
        # Dropping votes in bulk disconnects a model: drop them one by one, skipping those that do.
        drop = np.zeros_like(self._outcomes)
        for vote in ranked.cells(MAX_SINGLE_VOTES):
            drop[vote] += 1
            gap = self._gap(drop, above, below)
            if gap is None:
                drop[vote] -= 1
            elif gap < -EQUAL:
                return drop
        return None

    def _swaps(self, drop: FloatArray, above: int, below: int) -> bool:
        gap = self._gap(drop, above, below)
        return gap is not None and gap < -EQUAL

    def _gap(self, drop: FloatArray, above: int, below: int) -> float | None:
        # None when one of them is no longer rated.
        try:
            fit, number = self._refit(drop)
        except ConvergenceError:
            return None
        if min(number[above], number[below]) < 0:
            return None
        return float(fit.point[number[above]] - fit.point[number[below]])

    def _refit(self, drop: FloatArray) -> tuple[Fit, IntArray]:
        start = np.nan_to_num(self._scores)
        rated = fit_rated(self._pairs, self._outcomes - drop, self._n, "half", start)
        if rated.fit is None:
            raise ConvergenceError("No model is left to rate.")
        mine = rated.status == Status.RATED
        return rated.fit, np.where(mine, np.cumsum(mine) - 1, -1)


class _Ranked:
    """Votes in the order in which they are to be dropped."""

    def __init__(self, order: IntArray, outcomes: FloatArray) -> None:
        self._order, self._shape = order, outcomes.shape
        self.counts = np.ascontiguousarray(outcomes).ravel()[order]
        self._before = np.cumsum(self.counts) - self.counts

    def cells(self, most: int) -> list[tuple[int, int]]:
        """Pair and outcome of each of the first votes, at most so many."""
        votes = np.repeat(self._order, np.minimum(self.counts, most).astype(np.int64))[:most]
        pair, outcome = np.unravel_index(votes, self._shape)
        return list(zip(pair.tolist(), outcome.tolist(), strict=True))

    def first(self, votes: int) -> FloatArray:
        """(P, 3) counts of the first votes."""
        drop = np.zeros(self._shape)
        drop.ravel()[self._order] = np.clip(votes - self._before, 0.0, self.counts)
        return drop
