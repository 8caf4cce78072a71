"""Keys of rows, as addresses and forms name them."""

from __future__ import annotations

MOST_DIGITS = 18  # what a column of eight bytes holds in any case


def key_of(text: str) -> int:
    """The key or number that `text` names; 0, which no row has, if it names none."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0
