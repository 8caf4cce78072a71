"""Settings of what protects people: what checks their texts, and how long their data are kept.

The checker (docs/moderation.md) is an API like OpenAI's moderations, or a contestant whose weights
are those of a guard model.
"""

from __future__ import annotations

import environ
from django.core.exceptions import ImproperlyConfigured

from .numbers import number

__all__ = [
    "GUARD_MODEL",
    "MODERATION_KEY",
    "MODERATION_MODEL",
    "MODERATION_SECONDS",
    "MODERATION_URL",
    "RETENTION",
]
_env = environ.Env()

MODERATION_URL = str(_env.str("MODERATION_URL", default="")).rstrip("/")
MODERATION_MODEL = str(_env.str("MODERATION_MODEL", default=""))
MODERATION_KEY = str(_env.str("MODERATION_KEY", default=""))  # the name of its API key
GUARD_MODEL = str(_env.str("GUARD_MODEL", default=""))  # the contestant's slug
MODERATION_SECONDS = number("MODERATION_SECONDS", 2.0, least=0.1, most=2.5)
if MODERATION_URL and GUARD_MODEL:
    raise ImproperlyConfigured("Set MODERATION_URL or GUARD_MODEL, not both.")

# Days by rule (`arena.retaining.rules`); 0: for ever.
_DAYS = {
    "unvoted": 90,
    "voters": 30,
    "chats": 90,
    "trials": 7,
    "exports": 30,
    "flags": 365,
    "sign_ins": 30,
    "sessions": 1,
    "session_list": 30,
    "consents": 5 * 365,
}
RETENTION = {
    rule: number(f"RETAIN_{rule.upper()}_DAYS", days, least=0) for rule, days in _DAYS.items()
}
