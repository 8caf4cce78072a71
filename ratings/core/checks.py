"""Input checks. Each names the first offending row, so that a file of millions can be repaired."""

from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike

from ratings.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from ratings.core.errors import BadVotesError, NotEnoughDataError
from ratings.core.verdicts import Verdict

# A pair key is first * n_models + second, times four verdicts: it has to fit 63 bits.
MAX_MODELS = 1_000_000_000


def check_n_models(n_models: int) -> None:
    """Raise unless there are at least two models and pair keys fit 64-bit integers."""
    if n_models < 2:
        raise NotEnoughDataError(f"A comparison needs at least two models, not {n_models}.")
    if n_models > MAX_MODELS:
        raise BadVotesError(f"{n_models} models overflow the pair keys; at most {MAX_MODELS}.")


def as_indices(values: ArrayLike, name: str) -> AnyArray:
    """Return `values` as a 1-D integer array, or raise naming the first non-integer."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise BadVotesError(f"'{name}' must have one dimension, not {array.ndim}.")
    if array.dtype.kind in "iu":
        return array
    if array.dtype.kind == "b" or (array.dtype.kind == "f" and array.size):
        return _from_floats(array.astype(np.float64), name)
    if array.size == 0:
        return array.astype(np.int64)
    raise BadVotesError(f"'{name}' must hold integers, not {array.dtype}.")


def _from_floats(array: FloatArray, name: str) -> IntArray:
    bad = ~np.isfinite(array) | (array != np.floor(array)) | (np.abs(array) > 2.0**53)
    reject_first(bad, name, array, "is not an integer")
    return array.astype(np.int64)


def as_weights(values: ArrayLike, size: int, name: str = "weight") -> FloatArray:
    """Return `values` as `size` finite, non-negative floats, or raise naming the first bad row."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (size,):
        raise BadVotesError(f"'{name}' has shape {array.shape}, expected ({size},).")
    reject_first(~(np.isfinite(array) & (array >= 0)), name, array, "is not a finite weight >= 0")
    return array


def check_same_length(**columns: AnyArray) -> int:
    """Return the common length of the columns; raise when they differ or are empty."""
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
        raise BadVotesError(f"Row {row}: '{name}' {values[row]} {why}.")


def explain_bad_vote(a: AnyArray, b: AnyArray, verdict: AnyArray, n_models: int) -> NoReturn:
    """Raise the error for the first vote that is out of range or pairs a model with itself."""
    for name, column in (("a", a), ("b", b)):
        outside = (column < 0) | (column >= n_models)
        reject_first(outside, name, column, f"is not a model index below {n_models}")
    unknown = (verdict < 0) | (verdict >= len(Verdict))
    reject_first(unknown, "verdict", verdict, "is none of 0 (A), 1 (B), 2 (TIE), 3 (BOTH_BAD)")
    reject_first(a == b, "a", a, "is compared with itself")
    raise AssertionError("explain_bad_vote was called on good votes")
