"""An answer without what it only quotes: code, quotations, and lines that begin with >."""

from __future__ import annotations

import re

READ = 30_000  # characters; nothing beyond is read
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_INLINE = re.compile(r"`[^`\n]{1,200}`")
_MARKS = re.compile(r"</?[a-zA-Z]{1,10}/?>|`")  # around a name, as * and _ may be
_LINES = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_QUOTES = re.compile(
    r'"[^"\n]{1,600}"|“[^“”\n]{1,600}”|„[^„“”\n]{1,600}[“”]|«[^«»\n]{1,600}»|「[^「」\n]{1,600}」'
)
SPACES = 2  # a quotation has at least so many, a name in quotation marks fewer
LETTERS = 8  # or, where words have no spaces between them, so many characters
WHOLE = 0.9  # of an answer in quotation marks: it is the answer itself


def own_words(text: str) -> str:
    """Of the same length, with spaces for whatever is quoted."""
    text = text[:READ]
    rest = _CODE.sub(lambda found: " " * len(found[0]), text)
    for expression in (_LINES, _INLINE, _QUOTES):
        rest = expression.sub(lambda found: _blank(found[0], text), rest)
    return _MARKS.sub(lambda found: " " * len(found[0]), rest)


def lowered(text: str) -> str:
    """In lower case, of the same length."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(each.lower()[:1] for each in text)


def _blank(quoted: str, text: str) -> str:
    if len(quoted) >= WHOLE * len(text.strip()) or not _is_said(quoted):
        return quoted
    return " " * len(quoted)


def _is_said(quoted: str) -> bool:
    inner = quoted.strip(' >"`“”„«»「」')
    if inner.count(" ") >= SPACES:
        return True
    return len(inner) >= LETTERS and re.search(r"[\u3040-\u30ff\u3400-\u9fff]", inner) is not None
