"""The names by which a model can give itself away, made from the catalogue and the registry."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

from ..catalogue import load

FILE = Path(__file__).parent / "data" / "names.toml"
LONGEST = 60  # characters: a longer one is a sentence
SHORTEST = 3
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SIZE = re.compile(r"\(.*|v?\d.*|[a-z]\d+[a-z]?", re.IGNORECASE)  # such as (4B), v2, 7b, R1
_PARTS = re.compile(r"[\s/_-]+")
_APART = r"[\s_-]{0,2}"


class Names:
    """Expressions for names. A name that is also a word needs a reason to be taken for one."""

    def __init__(self, derived: Iterable[str]) -> None:
        listed = _listed()
        names = {name.lower() for name in listed["names"]}
        words = {word.lower() for word in listed["words"]}
        for name in sorted(derived):  # those that begin others come first
            if not _begins(name, names | words):
                (words if name.isalpha() else names).add(name)
        self._words = frozenset(words - names)
        self.expression = _expression(names | words)

    def is_word(self, name: str) -> bool:
        """Whether it may be an ordinary word or a first name."""
        return name.lower() in self._words


def _begins(name: str, known: set[str]) -> bool:
    """Whether a part of the name is known: it is found by that."""
    parts = _PARTS.split(name)
    return any(" ".join(parts[:number]) in known for number in range(1, len(parts) + 1))


def _expression(names: Iterable[str]) -> re.Pattern[str]:
    """The longest first. A version may follow, but no letter."""
    spaced: list[str] = []
    unspaced: list[str] = []
    for name in sorted(names, key=lambda name: (-len(name), name)):
        (unspaced if UNSPACED.search(name) else spaced).append(name)
    inside = r"[^\W\d_\u3040-\u9fff]"
    return re.compile(rf"(?<!{inside})(?<!\d)(?:{_any(spaced)})(?!{inside})|{_any(unspaced)}")


def _any(names: Iterable[str]) -> str:
    """By their first letters, so that most places in a text are passed over at the first look."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[name[0]].append(name)
    return "|".join(
        f"{re.escape(first)}(?:{'|'.join(_written(name[1:]) for name in group)})"
        for first, group in sorted(groups.items())
    )


def _written(name: str) -> str:
    """However it is written: GPT-4, gpt 4, GPT4."""
    return _APART.join(map(re.escape, _PARTS.split(name)))


@lru_cache(maxsize=4)
def names_of(given: frozenset[str]) -> Names:
    """Those of the catalogue, of our list, and those derived from the names given."""
    return Names({name.lower() for each in given | _catalogued() for name in derived(each)})


@cache
def _catalogued() -> frozenset[str]:
    known = load()
    makers = {
        maker for one in known.families.values() for maker in one.developer.split(" and ")
    } | {one.organisation for one in known.models.values()}
    models = {one.name for one in known.families.values()} | set(known.models)
    return frozenset(makers | models)


def derived(name: str) -> Iterator[str]:
    """The name as it is, and shorter and shorter without size, version and kind, as people say it:
    Qwen2.5-0.5B-Instruct, Qwen2.5, Qwen."""
    common = set(_listed()["common"])
    parts = [part for part in _PARTS.split(name.strip()) if part]
    while parts:
        whole = " ".join(parts)
        if _tells(whole) and whole.lower() not in common:
            yield whole
        if _SIZE.fullmatch(parts[-1]) or parts[-1].lower() in common or "(" in whole:
            parts.pop()
        elif (bare := re.sub(r"[\d.]+$", "", parts[-1])) != parts[-1]:
            parts[-1] = bare
        else:
            return


def _tells(name: str) -> bool:
    return len(name) <= LONGEST and (
        len(name) >= SHORTEST and any(letter.isalpha() for letter in name)
    )


@cache
def _listed() -> dict[str, list[str]]:
    return tomllib.loads(FILE.read_text("utf-8"))
