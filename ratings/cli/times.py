"""The times of votes, in any of the usual formats."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ratings.core.data.arrays import BoolArray, FloatArray

# Numbers up to this, three years in seconds, may count from any origin and are kept as they are.
ANY_START = 1e8
# Units in which files count time, per second; and the largest number of seconds: above it, the year
# would be past 5000.
UNITS = (("seconds", 1.0), ("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9))
LARGEST_SECONDS = 1e11
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1990, 2100))


def seconds(value: Any) -> float:
    """Seconds since 1970 of a datetime or ISO 8601 text, UTC if it has no zone; a number, in any
    unit, unchanged.

    Raises:
        ValueError, TypeError: neither.
    """
    if isinstance(value, datetime):
        zoned = value if value.tzinfo else value.replace(tzinfo=UTC)
        return zoned.timestamp()
    try:
        return float(value)
    except ValueError:
        return seconds(datetime.fromisoformat(value))


def is_number(value: Any) -> bool:
    """Whether a time that `seconds` reads is a number, whose unit is not known yet."""
    if isinstance(value, datetime):
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True


class BadTimeError(Exception):
    """Times that are inconsistent; `row` is the first that differs from the others."""

    def __init__(self, row: int, what: str) -> None:
        super().__init__(what)
        self.row, self.what = row, what


@dataclass(frozen=True, eq=False)
class Times:
    """The column of a whole file.

    Attributes:
        when: (N,) seconds since 1970; unit: the unit of the file's numbers.
    """

    when: FloatArray
    unit: str = field(default="seconds")


def settled(values: FloatArray, numbers: BoolArray) -> Times:
    """Find the common unit of the numbers, and check the years.

    Args:
        values: (N,) as `seconds` reads them; numbers: (N,) which of them were numbers.

    Raises:
        BadTimeError: numbers of different units, or a time outside 1990 to 2099.
    """
    magnitude = np.searchsorted(
        [LARGEST_SECONDS * size for _, size in UNITS[:-1]], np.abs(values), side="right"
    )
    found = magnitude[numbers]
    unit, size = UNITS[int(found[0])] if found.size else UNITS[0]
    if found.size and (other := np.flatnonzero(found != found[0])).size:
        row = int(np.flatnonzero(numbers)[other[0]])
        raise BadTimeError(
            row, f"time {values[row]:.15g} is in {UNITS[magnitude[row]][0]}, those before in {unit}"
        )
    when = np.where(numbers, values / size, values)
    if not (numbers.all() and ((values >= 0) & (values <= ANY_START)).all()):
        _check_years(when)
    return Times(when, unit)


def _check_years(when: FloatArray) -> None:
    outside = np.flatnonzero((when < FIRST) | (when >= LAST))
    if outside.size:
        row = int(outside[0])
        raise BadTimeError(row, f"its time is in the year {_year(when[row])}, not in 1990 to 2099")


def _year(when: float) -> str:
    try:
        return str(datetime.fromtimestamp(when, UTC).year)
    except (OverflowError, ValueError):
        return "9999 or later" if when > 0 else "1 or before"
