"""Whether a prompt asks the model who it is."""

from __future__ import annotations

import re

from .names import Names
from .own_words import lowered, own_words
from .phrases import SEPARATORS, languages

ARTICLES = r"(?:(?:an?|the|really|actually|ein|eine|un|une|le|la|el|o)\b)?"


def asks(prompt: str, names: Names) -> bool:
    """Not when it only quotes the question, as to have it translated."""
    low = lowered(own_words(prompt))
    return any(
        of.asks.search(low)
        or any(_names_one(low, found.end(), names) for found in of.are_you.finditer(low))
        for of in languages().values()
    )


def _names_one(low: str, at: int, names: Names) -> bool:
    """“Are you ChatGPT?”"""
    for _ in range(2):
        if step := _STEP.match(low, at):
            at = step.end()
    return names.expression.match(low, at) is not None


_STEP = re.compile(SEPARATORS + ARTICLES + r"[\s]{0,2}")
