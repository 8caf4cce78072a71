"""One `DATABASE_URL` and one `REDIS_URL`, as Django and Celery each want them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def database(url: str, pool_size: int) -> dict[str, Any]:
    """Django's entry for a `postgresql://user:password@host:port/name?option=value` URL.

    A pool in place of persistent connections: under ASGI a thread is no home for one.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"DATABASE_URL starts with {parts.scheme!r}, but the arena runs on PostgreSQL only: "
            "postgresql://USER:PASSWORD@HOST:PORT/NAME"
        )
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    # The pool asks a database that was away again after pauses that double, up to minutes; so soon
    # after giving up, whoever wants a connection next asks at once.
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
