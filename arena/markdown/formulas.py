r"""Formulas: `$x$`, `$$x$$`, `\(x\)` and `\[x\]` as MathML.

A dollar is a price, a variable of a shell or half of a formula. It is the last only when nothing
speaks against it, since a price that became a formula cannot be read any more, and a formula that
stayed text can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from latex2mathml.converter import convert

from .cleaning import escaped

LONGEST = 1_000  # characters of one formula; converting takes some 20 µs for each
DEEPEST = 30  # braces within braces
LONG = 40  # shown on a line of its own, which scrolls; a phone shows about as many
CLOSERS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$": "$"}
DISPLAYED = ("\\[", "$$")
# What formulas lie between. An escaped sign opens nothing, nor does what is in code.
_OPENER = re.compile(r"`+|\\[(\[]|\\.|\$\$?", re.DOTALL)
_SIGN = re.compile(r"[={}<>+|]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_IN_LINE = '<span class="math">'
_BOX = '<span class="math display" tabindex="0" role="group" aria-label="Formula">'
_COMMAND = re.compile(r"\\[A-Za-z]+")

Span = tuple[int, int, str, str]  # from, to, opener, content


def found(text: str) -> Iterator[Span]:
    """Formulas in the text of a paragraph, in order."""
    at = 0
    missing: set[str] = set()  # closers that do not come any more: each is looked for once
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
    """Where the code that these backticks open ends; `at` if it does not."""
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
        return False  # US$5 and US$6; $3 to 4$5
    return is_maths(content)


def is_maths(content: str) -> bool:
    """Whether it reads like a formula, not like what stands between two prices."""
    if _COMMAND.search(content) or "^" in content or "_" in content:
        return True
    has_sign, has_long_word = bool(_SIGN.search(content)), bool(_LONG_WORD.search(content))
    if content[0].isdigit() or " " in content.strip():
        if "*" in content or "`" in content:
            return False  # bold that begins in one price and ends in another
        return not _WORD.search(content) or (has_sign and not has_long_word)
    return has_sign or not (has_long_word or content[-1] in ":/")


def html(opener: str, content: str) -> str:
    """One in a line of text. A long one gets a box of its own that scrolls: it can't be broken."""
    displayed = opener in DISPLAYED or len(content) > LONG
    maths = mathml(content, displayed)
    if maths is None:
        return f'<code dir="ltr">{escaped(opener + content + CLOSERS[opener])}</code>'
    return f"{_BOX if displayed else _IN_LINE}{maths}</span>"


@lru_cache(maxsize=2048)
def mathml(content: str, displayed: bool) -> str | None:
    """None if it is too long, too deep or no LaTeX that the converter knows."""
    if len(content) > LONGEST or _depth(content) > DEEPEST:
        return None
    try:
        return str(convert(content, display="block" if displayed else "inline"))
    except Exception:  # the converter raises whatever it meets
        return None


def _depth(content: str) -> int:
    deepest = depth = 0
    for sign in re.findall(r"[{}]|\\left|\\right|\\begin|\\end|\\sqrt|\\frac|\^|_", content):
        depth += -1 if sign in ("}", "\\right", "\\end") else sign in ("{", "\\left", "\\begin")
        deepest = max(deepest, depth)
    return deepest
