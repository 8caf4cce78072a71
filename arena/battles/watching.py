"""Whether a browser is watching a battle or a chat: answers that nobody watches are stopped."""

from __future__ import annotations

from .. import broker
from ..limits import WATCHDOG
from ..models import Battle, Chat


def note(one: Battle | Chat) -> None:
    """Record that a browser is watching it now."""
    with broker.spared("who is watching was not recorded"):
        broker.connection().set(_key(one), 1, ex=WATCHDOG.absent_s)


def is_watched(one: Battle | Chat) -> bool:
    return bool(broker.connection().exists(_key(one)))


def _key(one: Battle | Chat) -> str:
    return f"watched:{one.public_id}"
