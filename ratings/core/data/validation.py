"""Input checks. Each names the first offending row, so that a file of millions can be repaired."""

from numbers import Integral
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike

from ratings.core.data.arrays import AnyArray, BoolArray, FloatArray, IntArray
from ratings.core.data.errors import BadVotesError, NotEnoughDataError, RatingsError
from ratings.core.data.verdicts import Verdict

# Rating n models takes up to five n x n matrices at once; at this size each fills 0.2 GB, and
# multiplying two of them takes seconds.
MAX_RATED = 5_000
# Up to this many models all pairs are handled with dense matrices; above it, with sparse ones.
LARGE = 1_000
# A weight is 0 or lies between these: outside them, sums and squares lose precision.
LIGHTEST, HEAVIEST = 1e-12, 1e12
# A pair key is first * n_models + second, times four verdicts: it has to fit 63 bits.
MAX_MODELS = 1_000_000_000


def check_n_models(n_models: int) -> None:
    """Raise unless there are at least two models and pair keys fit 64-bit integers.

    Raises:
        NotEnoughDataError: fewer than two models.
        BadVotesError: not an integer, or too many.
    """
    if not isinstance(n_models, Integral):
        raise BadVotesError(f"n_models={n_models!r} is not an integer.")
    if n_models < 2:
        raise NotEnoughDataError(f"A comparison needs at least two models, not {n_models}.")
    if n_models > MAX_MODELS:
        raise BadVotesError(f"{n_models} models overflow the pair keys; at most {MAX_MODELS}.")


def check_can_be_rated(n_models: int) -> None:
    """Raise `RatingsError` when the matrices of a rating would not fit in memory."""
    if n_models > MAX_RATED:
        raise RatingsError(
            f"{n_models:,} models are too many to rate at once: at most {MAX_RATED:,}, whose "
            f"intervals take 1 GB of memory. Leave out the models with the fewest votes."
        )


def as_indices(values: ArrayLike, name: str) -> AnyArray:
    """Return `values` as a 1-D integer array, or raise `BadVotesError` naming the first bad row."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise BadVotesError(f"'{name}' must have one dimension, not {array.ndim}.")
    if array.dtype.kind in "iu":
        return array
    if array.dtype.kind == "b" or (array.dtype.kind == "f" and array.size):
        return _from_floats(array.astype(np.float64), name)
    if array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind == "O":
        return _from_objects(array, name)
    raise BadVotesError(f"'{name}' must hold integers, not {array.dtype}.")


def _from_floats(array: FloatArray, name: str) -> IntArray:
    bad = ~np.isfinite(array) | (array != np.floor(array)) | (np.abs(array) > 2.0**53)
    reject_first(bad, name, array, "is not an integer")
    return array.astype(np.int64)


def _from_objects(array: AnyArray, name: str) -> IntArray:
    fits = [isinstance(one, int | np.integer) and -(2**63) <= one < 2**63 for one in array.tolist()]
    reject_first(~np.array(fits, dtype=bool), name, array, "is not a 64-bit integer")
    return array.astype(np.int64)


def as_floats(values: ArrayLike, name: str) -> FloatArray:
    """Return `values` as floats, or raise `BadVotesError` naming the first row that has others."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        _reject_text(np.atleast_1d(np.asarray(values, dtype=object)), name)
        raise BadVotesError(f"'{name}' has rows of different length.") from None


def _reject_text(rows: AnyArray, name: str) -> None:
    for row, value in enumerate(rows):
        try:
            np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise BadVotesError(f"'{name}' {value} is not numbers.", row) from None


def as_weights(values: ArrayLike, size: int, name: str = "weight") -> FloatArray:
    """Return `values` as (size,) weights, or raise `BadVotesError` naming the first bad row."""
    array = as_floats(values, name)
    if array.shape != (size,):
        raise BadVotesError(f"'{name}' has shape {array.shape}, expected ({size},).")
    reject_first(~(np.isfinite(array) & (array >= 0)), name, array, "is not a finite weight >= 0")
    outside = (array > 0) & ((array < LIGHTEST) | (array > HEAVIEST))
    reject_first(outside, name, array, f"is neither 0 nor between {LIGHTEST:g} and {HEAVIEST:g}")
    return array


def check_same_length(**columns: AnyArray) -> int:
    """Return the common length of the columns.

    Raises:
        BadVotesError: the lengths differ.
        NotEnoughDataError: the columns are empty.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise BadVotesError(f"Columns differ in length: {lengths}.")
    size = next(iter(lengths.values()))
    if size == 0:
        raise NotEnoughDataError("There are no votes.")
    return size


def reject_first(bad: BoolArray, name: str, values: AnyArray, why: str) -> None:
    """Raise `BadVotesError` for the first True of `bad`, quoting the row and its value."""
    if bad.any():
        row = int(np.argmax(bad))
        raise BadVotesError(f"'{name}' {values[row]} {why}.", row)


def explain_bad_vote(a: AnyArray, b: AnyArray, verdict: AnyArray, n_models: int) -> NoReturn:
    """Raise `BadVotesError` for the first vote out of range or of a model against itself."""
    for name, column in (("a", a), ("b", b)):
        outside = (column < 0) | (column >= n_models)
        reject_first(outside, name, column, f"is not a model index below {n_models}")
    unknown = (verdict < 0) | (verdict >= len(Verdict))
    reject_first(unknown, "verdict", verdict, "is not one of 0 (A), 1 (B), 2 (TIE), 3 (BOTH_BAD)")
    reject_first(a == b, "a", a, "is compared with itself")
    raise AssertionError("explain_bad_vote was called on good votes")
