"""The values of a file as numbers.

Whatever finds a row that cannot be used raises `BadRowError`; where there are other rows beside it,
they have to be tried one by one to find out which and why.
"""

from collections.abc import Callable, Sequence
from operator import eq, ne
from typing import Any

import numpy as np

from ratings.cli.layouts import QUOTED, Layout
from ratings.cli.times import seconds
from ratings.core import BadVotesError
from ratings.core.data.arrays import FloatArray, IntArray
from ratings.core.data.validation import as_weights

Values = Sequence[Any]
FAULTS = (KeyError, ValueError, TypeError, OverflowError)


class BadRowError(Exception):
    """A row cannot be used; the message is about the first."""


def names(column: str, values: Values) -> list[str]:
    if not all(values) or any(map(ne, values, values)):  # NaN, as pandas writes what is missing
        raise BadRowError(f"'{column}' is empty")
    return [*map(str, values)]


def reject_self_pairs(a: list[str], b: list[str]) -> None:
    if any(map(eq, a, b)):
        raise BadRowError(f"'{a[0]}' is compared with itself")


def verdicts(columns: Sequence[Values], layout: Layout) -> IntArray:
    return _each(columns, layout.read, layout.fault).astype(np.int64)


def times(values: Values) -> FloatArray:
    found = _each([values], seconds, _said("time {} is neither seconds nor ISO 8601"))
    if not np.isfinite(found).all():
        raise BadRowError(f"time {values[0]} is not finite")
    return found


def weights(values: Values) -> FloatArray:
    found = _each([values], float, _said("weight {} is not a number"))
    # Valid weights are defined in one place, the library.
    try:
        return as_weights(found, len(found))
    except BadVotesError as error:
        raise BadRowError(error.what) from error


def _said(words: str) -> Callable[[Any], str]:
    return lambda value: words.format(QUOTED.repr(value))


def _each(
    columns: Sequence[Values], convert: Callable[..., float], why: Callable[..., str]
) -> FloatArray:
    try:
        return np.fromiter(map(convert, *columns), np.float64, len(columns[0]))
    except FAULTS as error:
        raise BadRowError(why(*(column[0] for column in columns))) from error
