"""Whether a name is likely to be taken for another one: invisible characters, letters of other
scripts, and names that look alike. Doubts are told, not refused: any of it may be meant."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from confusable_homoglyphs import categories
from confusable_homoglyphs.confusables import confusables_data

BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and marks without ink
JOINS_EMOJI = "\u200d\ufe0f"
ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}  # scripts with each other's shapes
_WORDS = re.compile(r"[^\W\d_]+")


def shapes(names: Iterable[str]) -> Mapping[str, list[str]]:
    """These names by how they look."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        found[skeleton(name)].append(name)
    return found


def doubts(name: str, others: Mapping[str, list[str]]) -> Iterator[str]:
    """In sentences; `others` are the `shapes` of the names that it could be taken for."""
    if hidden := [*dict.fromkeys(invisible(name))]:
        said = ", ".join(unicodedata.name(one, f"U+{ord(one):04X}") for one in hidden)
        yield f"“{name}” has invisible characters: {said}."
    for word in _WORDS.findall(name):
        if len(scripts := sorted(ALIKE & categories.unique_aliases(word))) > 1:
            written = " and ".join(script.capitalize() for script in scripts)
            yield f"“{word}” mixes {written} letters, some of which look alike."
    for other in others.get(skeleton(name), []):
        if other != name:
            yield f"“{name}” looks like “{other}”, which is another name."


def invisible(name: str) -> Iterator[str]:
    """Its characters that cannot be seen, but for those that join emoji."""
    before = ""
    for one in name:
        is_joint = one in JOINS_EMOJI and unicodedata.category(before or "a") in ("So", "Sk", "Mn")
        is_hidden = unicodedata.category(one) == "Cf" or one in BLANK or "\ufe00" <= one <= "\ufe0f"
        if is_hidden and not is_joint:
            yield one
        before = one


def skeleton(name: str) -> str:
    """Equal for names that look alike (after Unicode's UTS 39)."""
    seen = (one for one in unicodedata.normalize("NFKD", name) if not any(invisible(one)))
    return re.sub(r"\s+", " ", "".join(map(_prototype, seen))).strip()


@cache
def _prototype(one: str) -> str:
    """The first of the characters that look like this one."""
    alike: list[str] = [each["c"] for each in confusables_data.get(one, [])]
    return min([one, *(other for other in alike if len(other) == 1)])
