"""Findings by word lists (`data/words.toml`) and by patterns of personal data. In linear time."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .. import personal
from ..labels.words import alternatives
from ..models import Flag

FILE = Path(__file__).parent / "data" / "words.toml"
LANGUAGES = ("en", "fr", "de", "es", "zh")
NEAR = 60  # characters between two words that only matter together
TOGETHER = {"minors": ("minor", "sexual")}


@dataclass(frozen=True)
class Finding:
    """That a text is about a category, because of `text[start:end]`, if a rule says so."""

    category: str
    start: int = 0
    end: int = 0
    label: str = ""  # of personal data
    source: Flag.Source = Flag.Source.RULES


def find(text: str) -> list[Finding]:
    """In the order of the text."""
    finds = [Finding("personal", one.start, one.end, one.label) for one in personal.found(text)]
    plain = text.replace("’", "'")  # one character for one: places stay
    for category in _tables():
        finds += _by_words(category, plain)
    return sorted(finds, key=lambda one: (one.start, one.end))


def _by_words(category: str, text: str) -> Iterator[Finding]:
    for match in _phrases(category).finditer(text):
        yield Finding(category, *match.span())
    if category in TOGETHER:
        first, second = (_words(category, name) for name in TOGETHER[category])
        for start, end in _near(_spans(first, text), _spans(second, text)):
            yield Finding(category, start, end)


def _near(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """From each of `some` to the next of `others`, or back from it to the one before."""
    starts = [start for start, _ in others]
    for start, end in some:
        after = bisect_left(starts, start)
        for other in others[max(0, after - 1) : after + 1]:
            if other[0] - end <= NEAR and start - other[1] <= NEAR:
                yield min(start, other[0]), max(end, other[1])
                break


def _spans(words: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in words.finditer(text)]


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(FILE.read_text("utf-8"))


@cache
def _phrases(category: str) -> re.Pattern[str]:
    table = _tables()[category]
    return _compiled([entry for language in LANGUAGES for entry in table[language]])


@cache
def _words(category: str, name: str) -> re.Pattern[str]:
    return _compiled(_tables()[category][name])


def _compiled(entries: list[str]) -> re.Pattern[str]:
    """Between the words of a phrase there may be any white space."""
    parts = [part.replace(r"\ ", r"\s+") for part in alternatives(entries)]
    return re.compile("|".join(parts), re.IGNORECASE)
