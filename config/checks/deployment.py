"""Checks of `check --deploy`: whether the settings suit the public, and Valkey is as it must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from inference.contract.broker import connect

HERE = {"localhost", "127.0.0.1", "[::1]"}
OLDEST = (6, 2)  # of Redis, whose protocol it must speak


def hosts(**_: Any) -> Iterator[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        yield Warning(
            "ALLOWED_HOSTS has *, so any host name is believed, in links of invitations too. "
            "Name the site's host: ALLOWED_HOSTS=arena.example",
            id="evenhand.W010",
        )
    elif {*settings.ALLOWED_HOSTS} <= HERE:
        yield Warning(
            "Only this machine can open the site. Name its host: ALLOWED_HOSTS=arena.example",
            id="evenhand.W011",
        )


def forms(**_: Any) -> Iterator[CheckMessage]:
    """An origin whose host is not served is a typing mistake, and every form fails with 403."""
    allowed = {host.lstrip(".") for host in settings.ALLOWED_HOSTS}
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        host = (urlsplit(origin).hostname or "").removeprefix("*.")
        if "*" not in allowed and not any(f".{host}".endswith(f".{one}") for one in allowed):
            yield Warning(
                f"CSRF_TRUSTED_ORIGINS names {origin}, which ALLOWED_HOSTS does not. Add it there, "
                "or mend the name.",
                id="evenhand.W012",
            )


def transport(**_: Any) -> Iterator[CheckMessage]:
    if not settings.HTTPS:
        yield Warning(
            "HTTPS is off, so passwords and sessions travel in clear. Put a TLS proxy in front "
            "that sends X-Forwarded-Proto and overwrites the visitor's own, then set HTTPS=1.",
            id="evenhand.W013",
        )


def queue(**_: Any) -> Iterator[CheckMessage]:
    connection = connect(settings.REDIS_URL)
    try:
        info: Any = connection.info()
    except (redis.RedisError, OSError) as error:
        yield Error(
            f"Valkey does not answer ({error}). Start it, or mend REDIS_URL.", id="evenhand.E014"
        )
        return
    finally:
        connection.close()
    if (version := _version(info["redis_version"])) < OLDEST:
        yield Error(
            f"The server at REDIS_URL speaks Redis {'.'.join(map(str, version))}, but the arena "
            "needs 6.2 or newer. Upgrade it, or use any Valkey.",
            id="evenhand.E015",
        )
    if info.get("maxmemory_policy", "noeviction") != "noeviction":
        yield Error(
            f"The server at REDIS_URL evicts keys ({info['maxmemory_policy']}), so answers would "
            "be lost. Set its maxmemory-policy to noeviction.",
            id="evenhand.E016",
        )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2])


CHECKS = (hosts, forms, transport, queue)
