"""Whether a browser is still watching a battle: answers that nobody watches are stopped."""

from __future__ import annotations

from .. import broker
from ..limits import WATCHDOG
from ..models import Battle


def note(battle: Battle) -> None:
    """Record that a browser is watching `battle` now."""
    with broker.spared("who is watching a battle was not recorded"):
        broker.connection().set(_key(battle), 1, ex=WATCHDOG.absent_s)


def is_watched(battle: Battle) -> bool:
    return bool(broker.connection().exists(_key(battle)))


def _key(battle: Battle) -> str:
    return f"watched:{battle.public_id}"
