"""Kinds of arguments of commands."""

from __future__ import annotations

from argparse import ArgumentTypeError


def text(given: str) -> str:
    """What the database can be asked for: a terminal may send bytes that are not UTF-8."""
    try:
        given.encode()
    except UnicodeEncodeError as error:
        raise ArgumentTypeError("it is not UTF-8. Check the encoding of your terminal.") from error
    return given
