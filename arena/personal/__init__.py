"""Personal data in texts: e-mail addresses, phone and card numbers, IBANs, national ids, API keys.

It is found by patterns with checksums, not a model, so it is deterministic, explainable and runs
anywhere. It does not recognise names of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .patterns import KINDS, Kind

DIGIT = re.compile(r"\d")
HIDDEN = "\0"  # stands for what was found, so that nothing is found in it again


@dataclass(frozen=True)
class Find:
    """Personal data of a kind, at `text[start:end]`."""

    label: str
    start: int
    end: int


def found(text: str) -> list[Find]:
    """All of it, in the order of the text; nothing twice."""
    finds: list[Find] = []
    left, has_digits = text, DIGIT.search(text) is not None
    for kind in KINDS:
        if kind.needs_digits and not has_digits:
            continue
        if new := list(_of(kind, left)):
            finds += new
            left = _hidden(left, new)
    return sorted(finds, key=lambda find: find.start)


def redacted(text: str) -> str:
    """The text with each find replaced by its kind, such as `[e-mail]`."""
    parts, at = list[str](), 0
    for find in found(text):
        parts += text[at : find.start], f"[{find.label}]"
        at = find.end
    return "".join(parts) + text[at:]


def _of(kind: Kind, text: str) -> Iterator[Find]:
    at = 0
    while match := kind.pattern.search(text, at):
        start, at = match.span()
        end = kind.end(match[0])
        if end:
            yield Find(kind.label, start, start + end)
        if kind.may_hold_another:
            at = start + (end or 1)


def _hidden(text: str, finds: list[Find]) -> str:
    parts, at = list[str](), 0
    for find in finds:
        parts += text[at : find.start], HIDDEN * (find.end - find.start)
        at = find.end
    return "".join(parts) + text[at:]
