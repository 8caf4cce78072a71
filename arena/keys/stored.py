"""The keys in the database: reading, and encrypting them anew."""

from __future__ import annotations

from inference.contract.keys import Key
from people import vault

from ..models import ApiKey


def is_readable(key: ApiKey) -> bool:
    try:
        vault.decrypt(key.token)
    except vault.Unreadable:
        return False
    return True


def readable() -> dict[str, Key]:
    """By name, those that SECRETS_KEY decrypts; the page of keys says which it does not."""
    found: dict[str, Key] = {}
    for key in ApiKey.objects.all():
        try:
            found[key.name] = Key(vault.decrypt(key.token), tuple(key.hosts))
        except vault.Unreadable:
            continue
    return found


def renew() -> int:
    """Encrypt all with the first key in SECRETS_KEY, in the caller's transaction. Returns how many.
    Raises Unreadable, naming the one that cannot be decrypted."""
    found = ApiKey.objects.select_for_update().order_by("pk")
    for key in found:
        try:
            token = vault.renew(key.token)
        except vault.Unreadable as error:
            raise vault.Unreadable(
                f"{key.name}: {error} Add the one it was encrypted with to the end of SECRETS_KEY, "
                "or enter or delete this key in the admin, under API keys."
            ) from error
        ApiKey.objects.filter(pk=key.pk).update(token=token)
    return len(found)
