"""Secrets of second factors, encrypted with SECRETS_KEY; without it, with a key made of SECRET_KEY.

So a dump of the database alone lets nobody compute anybody's codes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from .. import vault

IN_VAULT = "vault:"
SECRETS = ("secret", "seed")  # in `Authenticator.data`
CHANGED = "SECRET_KEY has changed since this was encrypted."


def seal(text: str) -> str:
    if vault.is_ready():
        return IN_VAULT + vault.encrypt(text)
    return _own().encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    """Raises vault.Unreadable."""
    if token.startswith(IN_VAULT):
        return vault.decrypt(token.removeprefix(IN_VAULT))
    try:
        return _own().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise vault.Unreadable(CHANGED) from error


def renew() -> int:
    """Encrypt all anew, for `rotate_keys`. Raises vault.Unreadable."""
    rows = [*_sealed()]
    for row in rows:
        row.data |= {name: seal(unseal(row.data[name])) for name in SECRETS if name in row.data}
        row.save(update_fields=["data"])
    return len(rows)


def _sealed() -> Iterator[Authenticator]:
    yield from Authenticator.objects.select_for_update().filter(data__has_any_keys=SECRETS)


def _own() -> Fernet:
    digest = hashlib.sha256(b"second factors:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
