"""Values of a row as the formats share them. Each raises BadRow with a reason a person can use."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from django.utils.crypto import salted_hmac

from .errors import BadRow
from .files import Row
from .languages import code_of
from .votes import VERDICTS

MILLISECONDS_FROM = 1e11  # as seconds this would be the year 5138


def text(row: Row, name: str) -> str:
    """A value that must be there."""
    value = row.get(name)
    if value is None or value == "":
        raise BadRow(f"it has no {name!r}")
    if not isinstance(value, str):
        raise BadRow(f"{name!r} is not a text but {value!r:.60}")
    return value.strip()


def optional(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value)


def verdict(row: Row, name: str = "winner") -> str:
    value = row.get(name)
    if not isinstance(value, str) or value not in VERDICTS:
        raise BadRow(f"{name} {value!r:.60} is none of {', '.join(VERDICTS)}")
    return VERDICTS[value]


def language(row: Row) -> str:
    """As an ISO code where it is a known one, else as it stands there."""
    return code_of(optional(row, "language"))


def time(row: Row, name: str) -> str:
    """ISO 8601, from the same or from (milli)seconds since 1970; "" where there is none."""
    value = row.get(name)
    if value is None or value == "":
        return ""
    try:
        return moment(value).isoformat()
    except (ValueError, OverflowError, OSError) as error:
        raise BadRow(f"{name} {value!r:.60} is not a time") from error


def moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, str) and not is_number(value):
        found = datetime.fromisoformat(value)
    else:
        seconds = float(value)
        if not isfinite(seconds):
            raise ValueError(value)
        seconds = seconds / 1000 if abs(seconds) > MILLISECONDS_FROM else seconds
        found = datetime.fromtimestamp(seconds, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def pseudonym(who: str) -> str:
    """The same for the same person, and no way back: for addresses, which must not be stored."""
    return salted_hmac("arena.importing", who).hexdigest()[:16] if who else ""


def parsed(value: Any, name: str) -> Any:
    """A value that some releases store as JSON text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadRow(f"{name!r} is not JSON") from error
