"""When a vote was cast, in whichever of the usual ways a file says it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

# Nobody compared language models before; whoever writes a year like 1 or 1970 did not know it.
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=2)  # clocks and time zones differ
# A number of seconds, milliseconds, microseconds or nanoseconds since 1970, told by its size: each
# limit is a time in the far future of one unit and in the far past of the next.
UNITS = ((1e11, 1), (1e14, 1e3), (1e17, 1e6), (float("inf"), 1e9))


def latest() -> datetime:
    return datetime.now(UTC) + AHEAD


def moment(value: Any) -> datetime:
    """UTC unless it says otherwise. Raises ValueError, TypeError, OverflowError, OSError."""
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
