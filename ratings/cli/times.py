"""The time of a vote, in whichever of the usual ways a file has it."""

from datetime import UTC, datetime
from typing import Any


def seconds(value: Any) -> float:
    """Seconds since 1970 of a number of seconds, a datetime or ISO 8601 text; UTC if it has no
    zone.

    Raises:
        ValueError, TypeError: none of these.
    """
    if isinstance(value, datetime):
        zoned = value if value.tzinfo else value.replace(tzinfo=UTC)
        return zoned.timestamp()
    try:
        return float(value)
    except ValueError:
        return seconds(datetime.fromisoformat(value))
