"""Words and patterns for the categories of prompts, read from `data/words.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "words.toml"
# Scripts without spaces, where word boundaries cannot be matched.
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(FILE.read_text("utf-8"))


@cache
def _expression(table: str, kind: str) -> re.Pattern[str]:
    entries = _tables()[table].get(kind, [])
    parts = entries if kind == "patterns" else alternatives(entries)
    return re.compile("|".join(parts) or r"(?!)", re.MULTILINE)


def alternatives(entries: Iterable[str]) -> list[str]:
    """Regular expressions for words. Those of scripts with spaces form one group that is tried only
    where a word begins, which is six times as fast."""
    alone = [_word(entry) for entry in entries if not UNSPACED.search(entry)]
    group = [rf"(?<!\w)(?:{'|'.join(alone)})(?!\w)"] if alone else []
    return [*group, *(_word(entry) for entry in entries if UNSPACED.search(entry))]


def _word(entry: str) -> str:
    """A star matches any letters."""
    return re.escape(entry).replace(r"\*", r"\w*")


def found(table: str, kind: str, text: str) -> set[str]:
    """The matches of the words or patterns in `text`, which is in lower case."""
    return {match.group() for match in _expression(table, kind).finditer(text)}


def score(table: str, text: str) -> int:
    """Two for each strong word and each pattern, one for each weak word."""
    strong = found(table, "strong", text) | found(table, "patterns", text)
    return 2 * len(strong) + len(found(table, "weak", text))


def follows(table: str, kinds: Iterable[str], text: str, within: int) -> bool:
    """Whether a word of the second kind follows one of the first within `within` characters."""
    first, second = (_expression(table, kind) for kind in kinds)
    return any(
        second.search(text, match.end(), match.end() + within) for match in first.finditer(text)
    )
