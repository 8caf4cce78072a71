"""Secrets that the database keeps, encrypted with the first of the keys in SECRETS_KEY.

The others are older ones, which still decrypt. `rotate_keys` encrypts everything anew, and after
that they can be dropped.
"""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.module_loading import import_string

HOW_TO_MAKE_ONE = "head -c 32 /dev/urandom | base64 | tr '+/' '-_'"
NO_KEY = (
    "SECRETS_KEY is not set, so nothing can be kept encrypted. Make a key with “"
    f"{HOW_TO_MAKE_ONE}”, set it as SECRETS_KEY on every web, core and background host, and keep a "
    "copy away from the database."
)
UNREADABLE = "None of the keys in SECRETS_KEY decrypts it."


class Unreadable(Exception):
    """It was encrypted with a key that is not in SECRETS_KEY."""


def is_ready() -> bool:
    return bool(settings.SECRETS_KEY)


def encrypt(secret: str) -> str:
    """Raises ImproperlyConfigured without SECRETS_KEY: callers ask `is_ready` first."""
    return _fernet().encrypt(secret.encode()).decode()


def decrypt(token: str) -> str:
    """Raises Unreadable."""
    if not is_ready():
        raise Unreadable(NO_KEY)
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(UNREADABLE) from error


def renew(token: str) -> str:
    """The same secret, encrypted with the first key. Raises Unreadable."""
    return encrypt(decrypt(token))


def renew_all() -> dict[str, int]:
    """Encrypt anew everything that is kept; how many of each kind. If one is Unreadable, nothing
    changes."""
    with transaction.atomic():
        return {kind: import_string(path)() for kind, path in settings.ENCRYPTED.items()}


def checked(keys: Iterable[str]) -> list[str]:
    """Raises ImproperlyConfigured, without quoting them."""
    given = [key.strip() for key in keys if key.strip()]
    for place, key in enumerate(given, start=1):
        try:
            Fernet(key.encode())
        except ValueError as error:
            raise ImproperlyConfigured(
                f"SECRETS_KEY: key {place} of {len(given)} is not 32 bytes in URL-safe base64. "
                f"Make one with: {HOW_TO_MAKE_ONE}"
            ) from error
    return given


def _fernet() -> MultiFernet:
    if not is_ready():
        raise ImproperlyConfigured(NO_KEY)
    return MultiFernet([Fernet(key.encode()) for key in settings.SECRETS_KEY])
