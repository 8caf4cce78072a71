"""What can be wrong with a file, and with one of its rows."""

from __future__ import annotations

from .characters import printable


class _Told(Exception):
    """Its sentence may quote anything that stood in a file."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


class ImportRefused(_Told):
    """The file can't be brought in; nothing has changed. The message says what to do."""


class BadRow(_Told):
    """This row can't be used; it is set aside with this reason, and the next one is read."""


class NotAVote(_Told):
    """This row is sound but holds no vote that a blind arena may count: it is passed over."""
