"""Whether a prompt is in a language that its campaign does not take. When in doubt, it is not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from .language import scores_of, words_of
from .languages import NAMES

ENOUGH = 20  # bytes of letters: three or four words, or seven Chinese characters
ENOUGH_OF_PART = 8
SURE = 0.8
DOUBT = 0.1  # of it being in a wanted one after all
MOST_PARTS = 40
PARTS = re.compile(r"""[\n:;.!?。！？：；"“”„«»]+""")
# Those that are hardly told apart, or are dialects to the detector.
KIN = {
    "als": "de", "bar": "de", "nds": "de", "nb": "no", "nn": "no", "yue": "zh", "wuu": "zh",
    "arz": "ar", "sr": "hr", "bs": "hr", "sh": "hr", "id": "ms", "gl": "pt", "sco": "en",
}  # fmt: skip


def can_tell(wanted: Collection[str]) -> bool:
    """Whether all of these codes are of languages that are recognised."""
    return bool(wanted) and all(_base(code) in _KNOWN for code in wanted)


def is_among(code: str, wanted: Collection[str]) -> bool:
    return _base(code.lower()) in {_base(one) for one in wanted}


def foreign_language(text: str, wanted: Collection[str]) -> str:
    """The code of the language of a text that is surely in none of those `wanted`. "" if it may be
    in one, is too short or too unclear to tell, or has a part in one: a text to translate, say."""
    if not can_tell(wanted):
        return ""
    kin, words = {_base(code) for code in wanted}, words_of(text)
    if _letters(words) < ENOUGH:
        return ""
    found = scores_of(words)
    language = max(found, key=found.__getitem__)
    if found[language] < SURE or _wanted(found, kin) > DOUBT:
        return ""
    return "" if any(_is_in(part, kin) for part in _parts(text)) else language


def _parts(text: str) -> Iterator[str]:
    parts = (words_of(part) for part in PARTS.split(text)[:MOST_PARTS])
    return (part for part in parts if _letters(part) >= ENOUGH_OF_PART)


def _is_in(part: str, kin: Collection[str]) -> bool:
    return _wanted(scores_of(part), kin) >= SURE


def _wanted(scores: dict[str, float], kin: Collection[str]) -> float:
    return sum(score for code, score in scores.items() if _base(code) in kin)


def _letters(words: str) -> int:
    return sum(len(letter.encode(errors="replace")) for letter in words if letter.isalpha())


def _base(code: str) -> str:
    """Of “pt-br”, “pt”; of a dialect, its language."""
    base = code.partition("-")[0]
    return KIN.get(base, base)


_KNOWN = {_base(code) for code in NAMES}
