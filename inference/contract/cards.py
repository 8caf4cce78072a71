"""Cards with the properties of weights, kept in Redis: a worker writes one for each of its files,
and the form for entering contestants reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import redis

from .kinds import parsed

KEPT_S = 30 * 24 * 3600
_PREFIX = "weights:"


@dataclass(frozen=True)
class Card:
    """The properties of weights; fields have the same names as in `inspection.Inspection`."""

    name: str
    bytes: int
    modified_ns: int
    tried_with: str = ""  # versions of llama.cpp, which sets what can run, and of our checks
    error: str = ""  # why it can't be used: a sentence
    sha256: str = ""
    architecture: str = ""
    title: str = ""
    parameters: int = 0
    quantisation: str = ""
    context: int = 0
    licence: str = ""
    has_chat_template: bool = False
    tokens_per_second: float = 0.0  # of one short answer, when it was tried out
    frame_tokens: int = 0  # tokens that its template adds to a message; 0 if unknown

    @classmethod
    def parse(cls, text: Any) -> Self:
        """Parse a worker's card. Unknown fields, from a newer version, are ignored. Raises
        ValueError if it is none."""
        return cls(**{**_USUAL, **parsed(text, _USUAL)})


_USUAL = asdict(Card("", 0, 0))


def keep(connection: redis.Redis, card: Card) -> None:
    connection.set(_key(card.name), json.dumps(asdict(card)), ex=KEPT_S)


def card_of(connection: redis.Redis, name: str) -> Card | None:
    return cards_of(connection, [name]).get(name)


def cards_of(connection: redis.Redis, names: Sequence[str]) -> dict[str, Card]:
    """The cards of these weights, as far as a worker has examined them recently."""
    values = connection.mget([_key(name) for name in names]) if names else []
    cards = zip(names, map(_read, values), strict=True)
    return {name: card for name, card in cards if card is not None}


def all_cards(connection: redis.Redis) -> list[Card]:
    """The cards of all files that a worker has examined recently, sorted by name."""
    keys = list(connection.scan_iter(match=_PREFIX + "*", count=500))
    values = connection.mget(keys) if keys else []
    cards = [card for card in map(_read, values) if card is not None]
    return sorted(cards, key=lambda card: card.name)


def _read(value: Any) -> Card | None:
    """None also for one that no worker of ours has written."""
    try:
        return Card.parse(value) if value else None
    except ValueError:
        return None


def printable(text: str) -> str:
    """Escape lone surrogates, which file names may contain but Redis cannot store."""
    return text.encode(errors="backslashreplace").decode()


def _key(name: str) -> str:
    return _PREFIX + printable(name)
