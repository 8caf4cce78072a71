"""Errors of a file, and of one of its rows."""

from __future__ import annotations

from ..errors import Code, Refused
from .characters import printable


class ImportRefused(Refused):
    """The file can't be imported. The message may quote any content of the file."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence), code=Code.BAD_FILE, status=400)


class _Told(Exception):
    """About a row; the message may quote any content of the file."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


class BadRow(_Told):
    """This row can't be used: it is set aside with this reason, and the import goes on."""


class NotAVote(_Told):
    """This row is valid but not a vote that a blind arena may count: it is skipped."""
