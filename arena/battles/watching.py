"""Whether a browser is watching a battle or a chat: answers that nobody watches are stopped."""

from __future__ import annotations

from .. import broker
from ..limits import WATCHDOG
from ..models import Battle, Chat


def note(*watched: Battle | Chat) -> None:
    """Record that a browser is watching each of them now."""
    with (
        broker.spared("who is watching was not recorded"),
        broker.connection().pipeline(transaction=False) as pipe,
    ):
        for one in watched:
            pipe.set(_key(one), 1, ex=WATCHDOG.absent_s)
        pipe.execute()


def is_watched(one: Battle | Chat) -> bool:
    return bool(broker.connection().exists(_key(one)))


def _key(one: Battle | Chat) -> str:
    return f"watched:{one.public_id}"
