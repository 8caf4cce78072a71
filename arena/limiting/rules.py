"""What is limited, and for whom: the rates in the settings (docs/operating.md)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from django.conf import settings
from limits import RateLimitItem, parse_many


class What(StrEnum):
    PROMPTS = "prompts"
    BATTLES = "battles"
    VOTES = "votes"
    PAIRS = "pairs"  # votes on the same two contestants


class Scope(StrEnum):
    VOTER = "voter"
    PREFIX = "prefix"  # of the address
    ALL = "all"


def rules_of(what: What, scope: Scope) -> list[RateLimitItem]:
    rates: Mapping[str, str] = settings.LIMITS[what]
    return _parsed(what, rates[scope])


@cache
def _parsed(what: What, rates: str) -> list[RateLimitItem]:
    if not rates:
        return []
    found = parse_many(rates)
    for item in found:
        item.namespace = what.value
    return found
