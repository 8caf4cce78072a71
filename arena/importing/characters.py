"""Characters that the database can't store or a page can't show, and values quoted in sentences."""

from __future__ import annotations

import re
import reprlib

from arena.models.names import NOT_IN_NAMES, REPLACEMENT, printable

__all__ = ["NOT_IN_NAMES", "REPLACEMENT", "mended", "printable", "quoted", "unreadable"]

# Lone surrogates are what JSON's "\ud83d" without its other half becomes, and how bytes that are
# not UTF-8 are read (`encoding`).
UNREADABLE = re.compile("[\0\ud800-\udfff]")
NOT_UTF8 = re.compile("[\udc80-\udcff]")

_quote = reprlib.Repr()
_quote.maxstring = _quote.maxother = _quote.maxlong = 60
_quote.maxlevel = 2


def unreadable(text: str) -> str:
    """Why `text` can't be stored; empty if it can."""
    found = UNREADABLE.search(text)
    if found is None:
        return ""
    if found[0] == "\0":
        return "it holds a NUL character"
    if NOT_UTF8.match(found[0]):
        return "it is not UTF-8 text: save the file as UTF-8"
    return "it holds half a character, such as half an emoji"


def mended(text: str) -> str:
    """`text` with a replacement for each character that is none."""
    return UNREADABLE.sub(REPLACEMENT, text)


def quoted(value: object) -> str:
    """A value from a file within a sentence: short, whatever it is."""
    return printable(_quote.repr(value))
