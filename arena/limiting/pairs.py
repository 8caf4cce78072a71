"""Votes on the same two contestants: a pair that a voter, or a network, has voted on often enough
is not drawn for them, so that nothing has to be refused that would tell who is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext
from limits import RateLimitItem

from .. import broker
from ..errors import Refused
from ..models import Battle
from . import meter, words
from .clients import Client
from .rules import Scope, What, rules_of

Pair = frozenset[int]  # of the primary keys of two contestants
KEPT_S = 24 * 3600  # as long as the longest window


def pair_of(battle: Battle) -> Pair:
    return frozenset((battle.contestant_a_id, battle.contestant_b_id))


def note(client: Client, battle: Battle) -> None:
    """Count a vote on the battle's pair."""
    pair = _name(pair_of(battle))
    with broker.spared("votes on a pair were not counted"):
        for key, item in _rules(client):
            meter.limiter().hit(item, key, pair)
            if not meter.limiter().test(item, key, pair):
                broker.connection().sadd(_full_key(key), pair)
                broker.connection().expire(_full_key(key), KEPT_S)


def used_up(client: Client) -> dict[Pair, int]:
    """The pairs that are at a limit, and for how many seconds more. Raises RedisError."""
    found: dict[Pair, int] = {}
    for key, item in _rules(client):
        full: Any = broker.connection().smembers(_full_key(key))
        for name in (member.decode() for member in full):
            if not meter.limiter().test(item, key, name):
                pair = frozenset(map(int, name.split("-")))
                found[pair] = max(found.get(pair, 0), meter.wait_s(item, key, name))
    return found


def refusal(wait_s: int) -> Refused:
    """When there is none left to draw."""
    return words.limit_reached(gettext(words.NO_PAIR), wait_s, words.PROMPT_KEPT)


def _rules(client: Client) -> Iterator[tuple[str, RateLimitItem]]:
    for scope in Scope:
        if key := client.key(scope):
            for item in rules_of(What.PAIRS, scope):
                yield f"{scope}:{key}", item


def _name(pair: Pair) -> str:
    return "-".join(map(str, sorted(pair)))


def _full_key(key: str) -> str:
    return f"limits:pairs:{key}"
