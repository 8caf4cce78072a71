"""Numbers of things, as a sentence says them."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """`1 vote`, `2,000 votes`; `many` where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
