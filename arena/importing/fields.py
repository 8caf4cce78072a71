"""Parses values that several formats share. Each raises BadRow with a reason for people."""

from __future__ import annotations

import json
from decimal import Decimal
from math import isnan
from typing import Any
from uuid import UUID

from django.utils.crypto import salted_hmac

from ..labels.languages import code_of
from . import times
from .characters import quoted, unreadable
from .errors import BadRow
from .files import Row
from .votes import VERDICTS


def text(row: Row, name: str) -> str:
    """A required text."""
    value = row.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise BadRow(f"it has no {name!r}")
    if not isinstance(value, str):
        raise BadRow(f"{name!r} is not text but {quoted(value)}")
    return readable(value).strip()


def optional(row: Row, name: str) -> str:
    """An optional text or number, as text. In a column with missing values, pandas writes integers
    as 7.0 and missing values as NaN."""
    value = row.get(name)
    if is_missing(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, str | int | float | Decimal | UUID):
        raise BadRow(f"{name!r} is not text but {quoted(value)}")
    return readable(str(value))


def readable(value: str) -> str:
    """`value`, if it can be stored. Raises BadRow for invalid characters."""
    if reason := unreadable(value):
        raise BadRow(reason)
    return value


def is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and isnan(value))


def verdict(row: Row, name: str = "winner") -> str:
    value = row.get(name)
    if not isinstance(value, str) or value not in VERDICTS:
        raise BadRow(f"{name} {quoted(value)} is not one of {', '.join(VERDICTS)}")
    return VERDICTS[value]


def language(row: Row) -> str:
    """The ISO code of a known language, otherwise the value as it is."""
    return code_of(optional(row, "language"))


def time(row: Row, name: str) -> str:
    """A time in ISO 8601, from that or from a Unix timestamp; "" if it is missing."""
    value = row.get(name)
    if is_missing(value) or value == "":
        return ""
    try:
        found = times.moment(value)
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise BadRow(f"{name} {quoted(value)} is not a time") from error
    if not times.is_plausible(found):
        years = f"{times.EARLIEST:%Y} to {times.latest():%Y}"
        raise BadRow(f"{name} {quoted(value)} is not a plausible time of a vote ({years})")
    return found.isoformat()


def pseudonym(who: str) -> str:
    """A consistent, irreversible pseudonym, for addresses, which must not be stored."""
    return salted_hmac("arena.importing", who).hexdigest()[:16] if who else ""


def parsed(value: Any, name: str) -> Any:
    """Parse a value that some releases store as a JSON string."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise BadRow(f"{name!r} is not JSON") from error
