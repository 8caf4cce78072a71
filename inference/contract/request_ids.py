"""The id of the visitor's request that something is done for, so that the lines of a log can be put
together: from the proxy through pages, tasks and model workers to an answer's stream.

It says nothing of the visitor. Work that nobody asked for, such as the clock's, has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

HEADER = "X-Request-ID"
_FORM = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Empty if there is none."""
    return _current.get()


@contextmanager
def of(given: object) -> Iterator[None]:
    """Within the block it is the current one. Whatever is no id counts as none."""
    token = _current.set(_checked(given))
    try:
        yield
    finally:
        _current.reset(token)


def set_current(given: object) -> None:
    """For a thread that takes up one piece of work after another."""
    _current.set(_checked(given))


def chosen(header: str | None, *, is_trusted: bool) -> str:
    """That of a proxy of ours; otherwise a new one, as anybody can send a header."""
    return (_checked(header) if is_trusted else "") or uuid4().hex


def _checked(given: object) -> str:
    return given if isinstance(given, str) and _FORM.fullmatch(given) else ""
