"""Numbers with their nouns, for sentences."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """`1 vote`, `2,000 votes`; `many` is the plural if it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
