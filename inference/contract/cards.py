"""What is known of the weights that some worker holds, kept in Redis: who looks at a file writes a
card, who enters a contestant reads it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import redis

from .requests import known

KEPT_S = 30 * 24 * 3600
_PREFIX = "weights:"


@dataclass(frozen=True)
class Card:
    """What is known of weights; the same words as in `inspection.Inspection`."""

    name: str
    bytes: int
    modified_ns: int
    tried_with: str = ""  # versions of llama.cpp, which knows more or fewer models, and of ours
    error: str = ""  # why it can't be used: a sentence
    sha256: str = ""
    architecture: str = ""
    title: str = ""
    parameters: int = 0
    quantisation: str = ""
    context: int = 0
    licence: str = ""
    has_chat_template: bool = False
    tokens_per_second: float = 0.0  # of one short answer, when tried out
    frame_tokens: int = 0  # what its template puts around one message; 0: not known

    @classmethod
    def parse(cls, text: Any) -> Self:
        """What a worker wrote down, perhaps one of another version: it may say more."""
        return cls(**known(cls, json.loads(text)))


def keep(connection: redis.Redis, card: Card) -> None:
    connection.set(_key(card.name), json.dumps(asdict(card)), ex=KEPT_S)


def card_of(connection: redis.Redis, name: str) -> Card | None:
    value = connection.get(_key(name))
    return Card.parse(value) if value else None


def cards_of(connection: redis.Redis, names: Sequence[str]) -> dict[str, Card]:
    """Of those of these weights that some worker has looked at lately."""
    values = connection.mget([_PREFIX + name for name in names]) if names else []
    return {name: Card.parse(v) for name, v in zip(names, values, strict=True) if v}


def all_cards(connection: redis.Redis) -> list[Card]:
    """Of every file that some worker has looked at lately, by name."""
    keys = list(connection.scan_iter(match=_PREFIX + "*", count=500))
    values = connection.mget(keys) if keys else []
    cards = [Card.parse(value) for value in values if value]
    return sorted(cards, key=lambda card: card.name)


def printable(text: str) -> str:
    """Without half characters, which names of files may hold and Redis not."""
    return text.encode(errors="backslashreplace").decode()


def _key(name: str) -> str:
    return _PREFIX + printable(name)
