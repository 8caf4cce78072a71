"""The phrases of one language, compiled from `data/phrases.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "phrases.toml"
SEPARATORS = r"[\s,;:()（），：*_\"“”„«»'’|·–—-]{0,4}"
NEVER = "(?!)"


@dataclass(frozen=True)
class Phrases:
    """Expressions over lower case. Those named `..._ends` end where they are asked about."""

    i_am: re.Pattern[str]
    i_was: re.Pattern[str]
    as_a: re.Pattern[str]
    me: re.Pattern[str]
    filler: re.Pattern[str]
    made: re.Pattern[str]
    by: re.Pattern[str]
    noun: re.Pattern[str]
    late: re.Pattern[str]
    made_me: re.Pattern[str]
    before: re.Pattern[str]
    between: re.Pattern[str]
    unless_ends: re.Pattern[str]
    not_after: re.Pattern[str]
    policy: re.Pattern[str]
    rules: re.Pattern[str]
    refusal: re.Pattern[str]
    asks: re.Pattern[str]
    are_you: re.Pattern[str]


@cache
def languages() -> dict[str, Phrases]:
    tables = tomllib.loads(FILE.read_text("utf-8"))
    return {language: _compiled(table) for language, table in tables.items()}


def _compiled(table: dict[str, list[str]]) -> Phrases:
    spaced = not table.get("unspaced")

    def words(*keys: str) -> str:
        some = [each for key in keys for each in table.get(key, [])]
        return _any(some, spaced)

    apart = SEPARATORS
    made = words("made")
    return Phrases(
        i_am=re.compile(words("i_am")),
        i_was=re.compile(words("i_was")),
        as_a=re.compile(rf"(?:^|(?<=[.!?:。！？\n]))[\s*]{{0,4}}{words('as')}"),
        me=re.compile(words("me")),
        filler=re.compile(apart + words("made", "nouns", "fillers", "by")),
        made=re.compile(made),
        by=re.compile(words("by")),
        noun=re.compile(words("nouns")),
        late=re.compile(rf"(?:{'|'.join(table['late'])})(?={words('made')}|{words('by')})"),
        made_me=re.compile(words("made_me")),
        before=re.compile(words("before")),
        between=re.compile(rf"(?:{apart}(?:{words('between')}|{words('nouns')})){{0,6}}{apart}"),
        unless_ends=re.compile(rf"(?:{words('unless')}){apart}$"),
        not_after=re.compile(rf"[\s-]?{words('not_after')}"),
        policy=re.compile(words("policy")),
        rules=re.compile("|".join(table.get("rules", [NEVER]))),
        refusal=re.compile(words("refusal")),
        asks=re.compile(words("asks")),
        are_you=re.compile(words("are_you")),
    )


def _any(parts: Iterable[str], spaced: bool) -> str:
    found = "|".join(sorted(parts, key=len, reverse=True)) or NEVER
    return rf"(?<!\w)(?:{found})(?!\w)" if spaced else f"(?:{found})"
