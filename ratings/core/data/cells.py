"""Adding up votes into (pair, verdict) cells: the only step whose cost grows with their number.

A vote's cell is key = (verdict * n + a) * n + b, so adding 1 at every key does all the counting.
Votes are taken in blocks that fit the processor's cache, which makes checking them nearly free and
keeps memory constant. Sides are folded (A against B and B against A are one pair) after counting,
on n x n cells instead of N votes.
"""

import numpy as np

from ratings.core.data.arrays import AnyArray, FloatArray, IntArray
from ratings.core.data.errors import NotEnoughDataError
from ratings.core.data.validation import explain_bad_vote, reject_first
from ratings.core.data.verdicts import Verdict

BLOCK = 1 << 16
N_VERDICTS = len(Verdict)
# With the sides swapped, a win for A is a win for B; ties and both-bad do not change.
MIRRORED = [Verdict.B, Verdict.A, Verdict.TIE, Verdict.BOTH_BAD]
# Above this many cells (1,000 models) counting into a dense table wastes memory: sort instead.
MAX_DENSE_CELLS = 4 * 1_000 * 1_000

Sums = tuple[FloatArray, FloatArray, FloatArray]


def check_votes(a: AnyArray, b: AnyArray, verdict: AnyArray, n_models: int) -> None:
    """Raise `BadVotesError` for the first vote with a bad index, verdict or self-pair."""
    if _is_bad(a, b, verdict, n_models) or (a == b).any():
        explain_bad_vote(a, b, verdict, n_models)


def sum_votes(
    a: AnyArray, b: AnyArray, verdict: AnyArray, n_models: int, weight: FloatArray | None
) -> tuple[IntArray, Sums]:
    """Return the pairs (P, 2) that met and their (P, 4) counts, weights and squared weights.

    Raises:
        BadVotesError: names the first row with a bad index, verdict or self-pair.
    """
    dense = N_VERDICTS * n_models**2 <= MAX_DENSE_CELLS
    add_up = _sum_dense if dense else _sum_sorted
    if weight is None:
        pairs, (counts,) = add_up(a, b, verdict, n_models, [None])
        return pairs, (counts, counts, counts)
    pairs, (counts, weights, squares) = add_up(
        a, b, verdict, n_models, [None, weight, weight * weight]
    )
    return pairs, (counts, weights, squares)


def sum_counts(
    first: AnyArray, second: AnyArray, counts: FloatArray, n_models: int
) -> tuple[IntArray, FloatArray]:
    """Fold repeated and mirrored pairs: the (P, 2) pairs that met and their (P, 4) counts.

    Args:
        first, second: (R,) model indices; counts: (R, 4) of each row.

    Raises:
        BadVotesError: names the first row with a bad index, count or self-pair.
        NotEnoughDataError: all counts are zero.
    """
    check_votes(first, second, np.zeros(len(first), np.int64), n_models)
    good = np.isfinite(counts) & (counts >= 0)
    reject_first(np.logical_not(good.all(axis=1)), "counts", counts, "are not all finite and >= 0")
    if not counts.any():
        raise NotEnoughDataError("There are no votes.")
    met = counts.any(axis=1)
    verdicts = np.broadcast_to(np.arange(N_VERDICTS), counts.shape)[met]
    a = np.repeat(first[met], N_VERDICTS)
    b = np.repeat(second[met], N_VERDICTS)
    pairs, (sums,) = _sum_sorted(a, b, verdicts.ravel(), n_models, [counts[met].ravel()])
    return pairs, sums


def _sum_dense(
    a: AnyArray,
    b: AnyArray,
    verdict: AnyArray,
    n_models: int,
    weightings: list[FloatArray | None],
) -> tuple[IntArray, list[FloatArray]]:
    n_cells = N_VERDICTS * n_models**2
    totals: list[AnyArray] = [
        np.zeros(n_cells, np.int64 if weighting is None else np.float64) for weighting in weightings
    ]
    keys = np.empty(BLOCK, dtype=np.int64)
    for start in range(0, len(a), BLOCK):
        part = slice(start, start + BLOCK)
        left, right, outcome = (np.asarray(c[part], dtype=np.int64) for c in (a, b, verdict))
        if _is_bad(left, right, outcome, n_models):
            explain_bad_vote(a, b, verdict, n_models)
        found = _write_keys(keys[: len(left)], left, right, outcome, n_models)
        for total, weighting in zip(totals, weightings, strict=True):
            np.add.at(total, found, 1 if weighting is None else weighting[part])
    tables = [total.reshape(N_VERDICTS, n_models**2) for total in totals]
    if tables[0][:, :: n_models + 1].any():
        explain_bad_vote(a, b, verdict, n_models)
    return _fold(tables, n_models)


def _write_keys(
    keys: IntArray, a: IntArray, b: IntArray, verdict: IntArray, n_models: int
) -> IntArray:
    np.multiply(verdict, n_models, out=keys)
    keys += a
    keys *= n_models
    keys += b
    return keys


def _is_bad(a: AnyArray, b: AnyArray, verdict: AnyArray, n_models: int) -> bool:
    # Viewed as unsigned, a negative index is huge: one maximum checks both ends.
    limits = ((a, n_models), (b, n_models), (verdict, N_VERDICTS))
    return any(np.asarray(c, np.int64).view(np.uint64).max() >= limit for c, limit in limits)


def _fold(tables: list[AnyArray], n_models: int) -> tuple[IntArray, list[FloatArray]]:
    counts = tables[0]
    met = (counts[0] | counts[1] | counts[2] | counts[3]).reshape(n_models, n_models) != 0
    upper = np.triu(met | met.T, 1)
    first, here = np.repeat(np.arange(n_models), upper.sum(axis=1)), np.flatnonzero(upper)
    second = here - first * n_models
    folded = [_mirror_add(table, here, second * n_models + first) for table in tables]
    return np.stack([first, second]).T, folded


def _mirror_add(table: AnyArray, here: IntArray, there: IntArray) -> FloatArray:
    # Column-major: the sums that follow run over many pairs, verdict by verdict.
    columns = np.empty((N_VERDICTS, len(here)))
    for verdict, mirrored in enumerate(MIRRORED):
        np.add(table[verdict].take(here), table[mirrored].take(there), out=columns[verdict])
    return columns.T


def _sum_sorted(
    a: AnyArray,
    b: AnyArray,
    verdict: AnyArray,
    n_models: int,
    weightings: list[FloatArray | None],
) -> tuple[IntArray, list[FloatArray]]:
    left, right, seen = (np.asarray(column, dtype=np.int64) for column in (a, b, verdict))
    check_votes(left, right, seen, n_models)
    keys, mirrored = fold_pairs(left, right, n_models)
    outcome = np.where(mirrored, np.asarray(MIRRORED)[seen], seen)
    met, position = np.unique(keys, return_inverse=True)
    cell = position * N_VERDICTS + outcome
    shape = (len(met), N_VERDICTS)
    size = len(met) * N_VERDICTS
    sums = [np.bincount(cell, w, minlength=size).astype(np.float64) for w in weightings]
    folded = [np.asfortranarray(s.reshape(shape)) for s in sums]
    return np.stack(np.divmod(met, n_models)).T, folded


def fold_pairs(a: IntArray, b: IntArray, n_models: int) -> tuple[IntArray, AnyArray]:
    """Return (N,) keys first * n + second with first < second, and where the sides were swapped."""
    return np.minimum(a, b) * n_models + np.maximum(a, b), a > b
