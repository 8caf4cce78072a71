"""How much work a client has to prove before its next battle: none, for an ordinary visitor."""

from __future__ import annotations

from limits import RateLimitItem

from .. import broker
from . import meter
from .clients import Client, voter_key
from .rules import Scope, What, rules_of

MOST = 3  # levels
NEAR = ((0.9, 2), (0.6, 1))  # how much of a limit is used, and the level that this gives
CROWDS = ((300, 3), (100, 2), (40, 1))  # new voters of one network in an hour: a class is 30
TOLD_S = 24 * 3600
HOUR_S = 3600


def level_of(client: Client) -> int:
    """From 0 to `MOST`. Raises RedisError."""
    own = max(_told(client), _near_limits(client)) if client.voter else _crowd(client)
    return min(MOST, own)


def tell(voter: int, level: int, for_s: int = TOLD_S) -> None:
    """What else is known of a voter, by its primary key; 0 takes it back. Raises RedisError."""
    if level:
        broker.connection().set(_told_key(voter_key(voter)), level, ex=for_s)
    else:
        broker.connection().delete(_told_key(voter_key(voter)))


def note_newcomer(client: Client) -> None:
    """Count a new voter for its network."""
    if client.prefix:
        with broker.spared("a new voter was not counted"):
            key = _crowd_key(client)
            broker.connection().incr(key)
            broker.connection().expire(key, HOUR_S, nx=True)


def _told(client: Client) -> int:
    return int(broker.connection().get(_told_key(client.voter)) or 0)


def _crowd(client: Client) -> int:
    if not client.prefix:
        return 0
    return _step(int(broker.connection().get(_crowd_key(client)) or 0), CROWDS)


def _near_limits(client: Client) -> int:
    """Of an hour: whoever votes twenty times in a minute, once, is just quick."""
    items = [
        item
        for what in (What.BATTLES, What.VOTES)
        for item in rules_of(what, Scope.VOTER)
        if item.get_expiry() >= HOUR_S
    ]
    return max((_step(_used(item, client), NEAR) for item in items), default=0)


def _used(item: RateLimitItem, client: Client) -> float:
    return 1 - meter.left(item, f"{Scope.VOTER}:{client.voter}") / item.amount


def _step(value: float, steps: tuple[tuple[float, int], ...]) -> int:
    return next((level for least, level in steps if value >= least), 0)


def _told_key(voter: str) -> str:
    return f"limits:suspect:{voter}"


def _crowd_key(client: Client) -> str:
    return f"limits:newcomers:{client.prefix}"
