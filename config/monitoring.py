"""Settings of metrics and logs."""

from __future__ import annotations

import environ
from django.core.exceptions import ImproperlyConfigured

from inference.contract.sealing import SHORTEST

from .numbers import choice

__all__ = ["LOGGING", "METRICS_TOKEN"]
_env = environ.Env()
_LEVEL = _env.str("LOG_LEVEL", default="WARNING")
LOG_FORMAT = choice("LOG_FORMAT", "text", "json")

# Whoever has it may read /metrics, which says which model answers now; without it there is none.
METRICS_TOKEN = str(_env.str("METRICS_TOKEN", default=""))
if 0 < len(METRICS_TOKEN) < SHORTEST:
    raise ImproperlyConfigured(
        f"METRICS_TOKEN has {len(METRICS_TOKEN)} characters, but must have at least {SHORTEST}."
    )

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "config.scrubbing.Formatter",
            "format": "%(levelname)s %(name)s: %(message)s",
        },
        "json": {"()": "config.scrubbing.Json"},
    },
    "filters": {"outages": {"()": "config.outages.Outages"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_FORMAT == "json" else "plain",
            "filters": ["outages"],
        },
        # After the console, whose filter makes a warning of an outage.
        "errors": {"class": "config.metrics.errors.Errors", "level": "ERROR"},
    },
    "root": {"handlers": ["console", "errors"], "level": _LEVEL},
    # The web server has handlers of its own, which would write secrets. What visitors ask for is
    # not logged at all: invitations have their code in the address.
    "loggers": {
        "uvicorn": {"handlers": [], "level": _LEVEL},
        "uvicorn.access": {"handlers": [], "propagate": False},
    },
}
