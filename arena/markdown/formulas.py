r"""Renders formulas, `$x$`, `$$x$$`, `\(x\)` and `\[x\]`, as MathML.

A dollar sign may be a price, a shell variable or the delimiter of a formula. It counts as a
delimiter only if nothing speaks against it: a price rendered as a formula is unreadable, while a
formula left as text can still be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from latex2mathml.converter import convert

from .cleaning import escaped

LONGEST = 1_000  # characters of one formula; converting takes some 20 µs per character
DEEPEST = 30  # levels of nesting
LONG = 40  # characters, about a line on a phone; longer ones get their own scrolling line
CLOSERS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$": "$"}
DISPLAYED = ("\\[", "$$")
# The delimiters of formulas. Escaped characters and code are skipped.
_OPENER = re.compile(r"`+|\\[(\[]|\\.|\$\$?", re.DOTALL)
_SIGN = re.compile(r"[={}<>+|]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_IN_LINE = '<span class="math">'
_BOX = '<span class="math display" tabindex="0" role="group" aria-label="Formula">'
_COMMAND = re.compile(r"\\[A-Za-z]+")

Span = tuple[int, int, str, str]  # from, to, opener, content


def found(text: str) -> Iterator[Span]:
    """The formulas in a paragraph's text, in order."""
    at = 0
    missing: set[str] = set()  # closers not found in the rest, so that each is searched only once
    while match := _OPENER.search(text, at):
        opener = match[0]
        at = match.end()
        if opener[0] == "`":
            at = _end_of_code(text, at, opener, missing)
        elif opener in CLOSERS and opener not in missing:
            end = text.find(CLOSERS[opener], at)
            if end < 0:
                missing.add(opener)
            elif _is_formula(text, match.start(), at, end, opener):
                yield match.start(), end + len(opener), opener, text[at:end].strip()
                at = end + len(opener)


def _end_of_code(text: str, at: int, ticks: str, missing: set[str]) -> int:
    """The end of the code that these backticks open; `at` if it is not closed."""
    if ticks in missing:
        return at
    match = re.compile(rf"(?<!`){ticks}(?!`)").search(text, at)
    if match is None:
        missing.add(ticks)
    return match.end() if match else at


def _is_formula(text: str, start: int, first: int, end: int, opener: str) -> bool:
    content = text[first:end]
    if not content.strip():
        return False
    if opener[0] == "\\":
        return True
    before, after = text[start - 1 : start], text[end + len(opener) :]
    if opener == "$" and (content[0].isspace() or content[-1].isspace()):
        return False
    if before.isalnum() or (after[:1].isalnum() and not re.match(r"th\b", after)):
        return False  # such as US$5 and US$6; $3 to 4$5
    return is_maths(content)


def is_maths(content: str) -> bool:
    """Whether it looks like a formula, not like the text between two prices."""
    if _COMMAND.search(content) or "^" in content or "_" in content:
        return True
    has_sign, has_long_word = bool(_SIGN.search(content)), bool(_LONG_WORD.search(content))
    if content[0].isdigit() or " " in content.strip():
        if "*" in content or "`" in content:
            return False  # bold text from one price to another
        return not _WORD.search(content) or (has_sign and not has_long_word)
    return has_sign or not (has_long_word or content[-1] in ":/")


def html(opener: str, content: str) -> str:
    """A formula within text. A long one gets its own scrolling box, as it can't be wrapped."""
    displayed = opener in DISPLAYED or len(content) > LONG
    maths = mathml(content, displayed)
    if maths is None:
        return f'<code dir="ltr">{escaped(opener + content + CLOSERS[opener])}</code>'
    return f"{_BOX if displayed else _IN_LINE}{maths}</span>"


@lru_cache(maxsize=2048)
def mathml(content: str, displayed: bool) -> str | None:
    """The MathML; None if it is too long, too deep or unknown to the converter."""
    if len(content) > LONGEST or _depth(content) > DEEPEST:
        return None
    try:
        return str(convert(content, display="block" if displayed else "inline"))
    except Exception:  # the converter may raise any error
        return None


def _depth(content: str) -> int:
    deepest = depth = 0
    for sign in re.findall(r"[{}]|\\left|\\right|\\begin|\\end|\\sqrt|\\frac|\^|_", content):
        depth += -1 if sign in ("}", "\\right", "\\end") else sign in ("{", "\\left", "\\begin")
        deepest = max(deepest, depth)
    return deepest
