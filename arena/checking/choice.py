"""A letter of several: the whole answer (“B”, “(b).”), what it states (“The answer is B”,
r“\boxed{B}”), or the one option that a line begins with (“B) Paris”).

Where the text names several in that way, it has not chosen.
"""

from __future__ import annotations

import re

from .outcomes import Judge, Outcome, UnusableError, without_tolerance
from .statements import NAMED, plain

WHOLE = re.compile(r"\W*([a-jA-J])\W*")
OPTION = re.compile(r"[a-jA-J]")
_BOXED = r"\\boxed\{(?:\\text(?:bf)?\{)?\s*\(?([A-Ja-j])\)?\s*\}"
_WORDS = rf"(?:{NAMED}|option|choice|auswahl|opción|选项|选择)"
_LINK = r"\s*(?:(?:is|ist|est|es|是|为|[:：=])\s*)*(?:option|choice|选项)?\s*"
_LETTER = r"(?:[(\[]\s*([A-Ja-j])\s*[)\]]|([A-J])(?![\w'’]))"
STATED = (
    re.compile(_BOXED),
    re.compile(rf"(?i:{_WORDS}{_LINK}){_LETTER}"),
    re.compile(
        rf"\(?\b([A-J])\)?\s+(?i:is|ist|est|es)\s+(?i:(?:the|die|la)\s+)?"
        rf"(?i:correct|right|richtig|{NAMED})"
    ),
)
BEGUN = re.compile(r"^\s*(?:\(([A-Ja-j])\)|([A-J])[).:])(?:\s|$)", re.M)


def judge_for(expected: str, tolerance: str) -> Judge:
    """Raises UnusableError."""
    without_tolerance(tolerance, "choice")
    wanted = expected.strip().upper()
    if not OPTION.fullmatch(wanted):
        raise UnusableError(f"a letter from A to J is expected, not “{expected[:40]}”")

    def judge(text: str) -> Outcome:
        found = letter_of(text)
        if found is None:
            return Outcome.NONE
        return Outcome.RIGHT if found == wanted else Outcome.WRONG

    return judge


def letter_of(text: str) -> str | None:
    text = plain(text)
    if whole := WHOLE.fullmatch(text):
        return whole[1].upper()
    for way in (STATED, (BEGUN,)):
        letters = {
            letter.upper()
            for pattern in way
            for found in pattern.finditer(text)
            for letter in found.groups()
            if letter
        }
        if letters:
            return letters.pop() if len(letters) == 1 else None
    return None
