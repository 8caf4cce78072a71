"""Parses the time of a vote in any of the usual notations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

# No language models were compared before. Years such as 1 or 1970 stand for an unknown time.
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=2)  # clocks and time zones differ
# The unit of a Unix timestamp (s, ms, µs or ns) is recognised by its size: each limit is in the far
# future in one unit and in the far past in the next.
UNITS = ((1e11, 1), (1e14, 1e3), (1e17, 1e6), (float("inf"), 1e9))


def latest() -> datetime:
    return datetime.now(UTC) + AHEAD


def moment(value: Any) -> datetime:
    """A time, in UTC unless it has a zone. Raises ValueError, TypeError, OverflowError, OSError."""
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, str) and not is_number(value):
        found = datetime.fromisoformat(value.strip())
    else:
        found = of_number(float(value))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def of_number(value: float) -> datetime:
    if not isfinite(value):
        raise ValueError(value)
    divisor = next(divisor for limit, divisor in UNITS if abs(value) < limit)
    return datetime.fromtimestamp(value / divisor, UTC)


def is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def is_plausible(at: datetime) -> bool:
    return EARLIEST <= at <= latest()
