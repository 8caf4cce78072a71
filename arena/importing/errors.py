"""What can be wrong with a file, and with one of its rows."""

from __future__ import annotations

from ..errors import Code, Refused
from .characters import printable


class ImportRefused(Refused):
    """The file can't be brought in. Its sentence may quote anything that stood there."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence), code=Code.BAD_FILE, status=400)


class _Told(Exception):
    """Of a row; its sentence may quote anything that stood there."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


class BadRow(_Told):
    """This row can't be used; it is set aside with this reason, and the next one is read."""


class NotAVote(_Told):
    """This row is sound but holds no vote that a blind arena may count: it is passed over."""
