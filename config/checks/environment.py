"""Checks of the settings alone. They run before most commands, so they ask no server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from inference.contract import private_hosts
from people.roles import ROLES
from people.signing_in.factors import EVERYBODY


def folder(**_: Any) -> Iterator[CheckMessage]:
    where = settings.VAR
    while not where.exists():
        where = where.parent  # it will be made in there
    if not os.access(where, os.W_OK | os.X_OK):
        yield Error(
            f"{where} is not writable, but all data is stored there. Make it writable for this "
            "user, or set ARENA_VAR to a folder that is.",
            id="evenhand.E001",
        )


def key_file(**_: Any) -> Iterator[CheckMessage]:
    file = settings.VAR / "secret_key"
    if file.exists() and file.stat().st_mode & 0o077:
        yield Warning(
            f"Other users of this machine can read the secret key: chmod 600 {file}",
            id="evenhand.W002",
        )


def address(**_: Any) -> Iterator[CheckMessage]:
    if not settings.SITE_URL:
        return
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        yield Error(
            f"SITE_URL is {settings.SITE_URL!r}, but must be an origin such as "
            "https://arena.example: no path, and https:// or http:// in front.",
            id="evenhand.E003",
        )
    elif settings.HTTPS and parts.scheme == "http":
        yield Warning(
            f"HTTPS is on, but links start with {settings.SITE_URL}. Set SITE_URL to https://…",
            id="evenhand.W004",
        )


def second_factors(**_: Any) -> Iterator[CheckMessage]:
    known = {*ROLES, EVERYBODY}
    for role in settings.SECOND_FACTOR_ROLES:
        if role not in known:
            yield Error(
                f"SECOND_FACTOR_ROLES names {role!r}, which is no role and would protect nobody. "
                f"There are: {', '.join(ROLES)}, or all.",
                id="evenhand.E005",
            )


def sign_on(**_: Any) -> Iterator[CheckMessage]:
    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    if missing := [name for name in names if not getattr(settings, name)]:
        if len(missing) < len(names):
            yield Error(
                f"Signing in with OpenID Connect is half set up: set {' and '.join(missing)} too, "
                "or none.",
                id="evenhand.E006",
            )
        return
    parts = urlsplit(settings.OIDC_ISSUER)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        yield Error(
            f"OIDC_ISSUER is {settings.OIDC_ISSUER!r}, but must start with https://, or anybody in "
            "between could sign in.",
            id="evenhand.E007",
        )
    for role in {*settings.OIDC_ROLES.values()} - {*ROLES}:
        yield Error(
            f"OIDC_ROLES names {role!r}, which is no role. There are: {', '.join(ROLES)}.",
            id="evenhand.E008",
        )


def proxies(**_: Any) -> Iterator[CheckMessage]:
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        yield Warning(
            "HTTPS is on, so visitors come through a proxy, but TRUSTED_PROXIES is 0: addresses "
            "are not limited, and who guesses passwords locks out everybody. Set TRUSTED_PROXIES=1 "
            "if that proxy appends to X-Forwarded-For, or the number of proxies in a row.",
            id="evenhand.W009",
        )


def hosts_of_workers(**_: Any) -> Iterator[CheckMessage]:
    """As the model workers of this machine have it."""
    for sentence in private_hosts.objections():
        yield Error(sentence, id="evenhand.E017")


CHECKS = (folder, key_file, address, second_factors, sign_on, proxies, hosts_of_workers)
