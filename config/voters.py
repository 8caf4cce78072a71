"""What a voter, an address prefix and all together may do (`arena.limiting`); 0: no limit."""

from __future__ import annotations

from .numbers import number, rate

__all__ = ["LIMITS", "OPEN_BATTLES"]

_RATES = {
    "prompts": {"voter": "12/minute", "prefix": "120/minute", "all": "1000/minute"},
    "battles": {"voter": "240/hour", "prefix": "1500/hour", "all": "10000/hour"},
    "votes": {
        "voter": "20/minute; 240/hour",
        "prefix": "60/minute; 1200/hour",
        "all": "600/minute; 10000/hour",
    },
    "pairs": {"voter": "30/day", "prefix": "300/day", "all": "0"},
}
LIMITS = {
    what: {
        scope: rate(f"LIMIT_{what}_{scope}".upper(), default) for scope, default in rates.items()
    }
    for what, rates in _RATES.items()
}
OPEN_BATTLES = {
    "voter": number("LIMIT_OPEN_VOTER", 3, least=0),
    "prefix": number("LIMIT_OPEN_PREFIX", 150, least=0),
    "all": number("LIMIT_OPEN_ALL", 2_000, least=0),
}
