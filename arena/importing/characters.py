"""Characters that the database can't store or pages can't show, and values quoted in messages."""

from __future__ import annotations

import re
import reprlib

from arena.models.names import NOT_IN_NAMES, REPLACEMENT, printable

__all__ = ["NOT_IN_NAMES", "REPLACEMENT", "mended", "printable", "quoted", "unreadable"]

# Lone surrogates come from JSON's "\ud83d" without its other half, and from bytes that are not
# UTF-8 (`encoding`).
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
        return "it contains a NUL character"
    if NOT_UTF8.match(found[0]):
        return "it is not UTF-8 text: save the file as UTF-8"
    return "it contains half a character, such as half an emoji"


def mended(text: str) -> str:
    """`text` with invalid characters replaced."""
    return UNREADABLE.sub(REPLACEMENT, text)


def quoted(value: object) -> str:
    """A short form of any value from a file, for messages."""
    return printable(_quote.repr(value))
