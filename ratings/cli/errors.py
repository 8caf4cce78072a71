"""Errors that the user can correct."""


class InputError(Exception):
    """The file or the request cannot be used; the message says why, and where."""


class UsageError(Exception):
    """Options that cannot be combined."""
