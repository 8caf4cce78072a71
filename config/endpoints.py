"""Converts `DATABASE_URL` and `REDIS_URL` to the settings of Django and Celery."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import parse_qsl, unquote

from django.core.exceptions import ImproperlyConfigured

# A password may have any character as it is, except "%" before two that could be its code: the last
# "@" that a host, a port and a name can follow ends it.
ADDRESS = re.compile(
    r"postgres(?:ql)?://(?:(?P<user>[^:/]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^@:/?#]*)(?::(?P<port>\d*))?"
    r"/(?P<name>[^@/?#]+)(?:\?(?P<query>[^#]*))?"
)

# A connection whose other end has silently gone, as after a router has lost its state, is given up
# within half a minute. The URL may say otherwise. Unix sockets ignore all but the first.
NOTICING = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
# So does the server, or the locks of a host that has lost its power would be held for two hours.
# `options=` in the URL takes that back, for proxies that refuse it.
ALSO_SERVER = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


def database(url: str, pool_size: int, *, pgbouncer: bool = False) -> dict[str, Any]:
    """Django's entry for a `postgresql://user:password@host:port/name?option=value` URL.

    Uses a pool instead of persistent connections: these belong to a thread, and under ASGI requests
    do not stay on one. Connections are checked before they are used: nobody gets one that has died
    with a database that was restarted.
    """
    if (parts := ADDRESS.fullmatch(url)) is None:
        raise ImproperlyConfigured(
            "DATABASE_URL can't be read. The arena runs on PostgreSQL only: "
            "postgresql://USER:PASSWORD@HOST:PORT/NAME, in which a password has % as %25, and if "
            "need be @ : / ? # as %40 %3A %2F %3F %23."
        )
    asked = dict(parse_qsl(parts["query"] or "", keep_blank_values=True))
    options = {name: value for name, value in asked.items() if value}
    if not pgbouncer and "options" not in asked:  # PgBouncer refuses what it does not know
        said = [f"-c {name}={value}" for name, value in ALSO_SERVER.items()]
        options["options"] = " ".join([*said, os.environ.get("PGOPTIONS", "")]).strip()
    host = options.pop("host", "") or unquote(parts["host"].strip("[]"))
    # While the database is down, the pool reconnects with exponential backoff up to minutes. With a
    # short reconnect_timeout it gives up soon, and the next request for a connection tries at once.
    pool = {"min_size": 1, "max_size": pool_size, "timeout": 10, "reconnect_timeout": 2}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts["name"]),
        "USER": unquote(parts["user"] or ""),
        "PASSWORD": unquote(parts["password"] or ""),
        "HOST": host,
        "PORT": parts["port"] or "",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        # Outside of a transaction they need one session (inside: `arena.exporting.cursors`).
        "DISABLE_SERVER_SIDE_CURSORS": pgbouncer,
        "OPTIONS": {**NOTICING, **options, "pool": pool if pool_size else False},
    }


def celery_broker(url: str) -> str:
    """Celery's spelling of a Unix socket; every other URL is the same."""
    return url.replace("unix://", "redis+socket://", 1)
