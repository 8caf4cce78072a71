"""Converts `DATABASE_URL` and `REDIS_URL` to the settings of Django and Celery."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def database(url: str, pool_size: int) -> dict[str, Any]:
    """Django's entry for a `postgresql://user:password@host:port/name?option=value` URL.

    Uses a pool instead of persistent connections: these belong to a thread, and under ASGI requests
    do not stay on one.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"DATABASE_URL starts with {parts.scheme!r}, but the arena runs on PostgreSQL only: "
            "postgresql://USER:PASSWORD@HOST:PORT/NAME"
        )
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    # While the database is down, the pool reconnects with exponential backoff up to minutes. With a
    # short reconnect_timeout it gives up soon, and the next request for a connection tries at once.
    pool = {"min_size": 1, "max_size": pool_size, "timeout": 10, "reconnect_timeout": 2}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {**options, "pool": pool if pool_size else False},
    }


def celery_broker(url: str) -> str:
    """Celery's spelling of a Unix socket; every other URL is the same."""
    return url.replace("unix://", "redis+socket://", 1)
