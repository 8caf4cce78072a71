"""Where a text states its answer: after “Answer:” or “The answer is”, the last time it says so."""

from __future__ import annotations

import re

# Marks of emphasis, which may stand anywhere around an answer.
EMPHASIS = str.maketrans("", "", "*`$")
NAMED = r"(?:answer|antwort|lösung|réponse|respuesta|答案)"
_IS = r"(?:is|ist|est|es|是|为)"
STATED = re.compile(
    rf"{NAMED}\s*{_IS}?\s*[:：=]\s*|{NAMED}\s*{_IS}\s+|答案[是为]\s*|^\s*####\s*", re.I | re.M
)


def plain(text: str) -> str:
    return text.translate(EMPHASIS).strip()


def stated(text: str) -> str | None:
    """The rest of the line after the last statement, or the next line that says something; None
    if nothing is stated."""
    found = [*STATED.finditer(text)]
    if not found:
        return None
    return next((line for line in text[found[-1].end() :].splitlines() if line.strip()), "")
