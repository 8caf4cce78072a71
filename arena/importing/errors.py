"""What can be wrong with a file, and with one of its rows."""

from __future__ import annotations


class ImportRefused(Exception):
    """The file can't be brought in; nothing has changed. The message says what to do."""


class BadRow(Exception):
    """This row can't be used; it is set aside with this reason, and the next one is read."""


class NotAVote(Exception):
    """This row is sound but holds no vote that a blind arena may count: it is passed over."""
