"""What holds for the card of a contestant, wherever it is filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NUMBERS = ("parameters", "active_parameters", "training_tokens", "context_length")
PRICES = ("input_price", "output_price")
MESSAGES = {
    "name": {
        "required": "Give it the name that readers know it by.",
        "unique": "Another contestant has this name.",
    },
    "slug": {
        "required": "Give a slug: the end of its page's address.",
        "unique": "Another contestant has this slug.",
    },
    "organisation": {"required": "Say who made it."},
    "licence": {"required": "Say under which licence it is, or “proprietary”."},
    "access": {"required": "Say how open it is; there is “access unknown”."},
}


def faults(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with these values: the field, and a sentence."""
    if (name := given.get("name")) and not any(char.isalnum() for char in name):
        yield "name", "A name needs a letter or a digit."
    for field in NUMBERS:
        if (number := given.get(field)) is not None and number <= 0:
            yield field, "Give a number above 0, or leave it empty."
    total, active = given.get("parameters"), given.get("active_parameters")
    if total and active and 0 < total < active:
        yield "active_parameters", "It cannot use more weights for a token than it has."
    for field in PRICES:
        if (given.get(field) or 0) < 0:
            yield field, "A price cannot be below 0."
