"""One trace per battle, for whoever looks for where the time went: in which process, on which host.

A trace's id is made of its battle's, so each process knows it without being told by another, and
all turns, attempts and the vote are in one trace. What a process does is a piece of work: a
request, a task, a live page. Once it knows which battle that is for, it says so (`join`), and the
piece becomes a span. Where spans go, the site decides (`config.tracing`); by default nowhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256

NONE = ""  # of what belongs to no battle
_ID = 32  # hexadecimal digits


@dataclass
class Span:
    """A piece of work. Times are seconds since the epoch, by the clock of its host."""

    trace: str = NONE
    name: str = ""
    began: float = field(default_factory=time.time)
    ended: float = 0.0
    is_root: bool = False  # all other spans of its trace are its children
    events: list[tuple[str, float]] = field(default_factory=list)
    attributes: dict[str, str | int | float] = field(default_factory=dict)


sinks: list[Callable[[Span], None]] = []
_current: ContextVar[Span | None] = ContextVar("span", default=None)


def of(battle: object) -> str:
    """The trace of the battle with this public id."""
    return sha256(f"battle {battle}".encode()).hexdigest()[:_ID]


def begin() -> Span:
    """Begin a piece of work in this context, in place of the last."""
    span = Span()
    _current.set(span)
    return span


def join(trace: str, *, is_root: bool = False) -> None:
    """Say which trace the current piece of work belongs to; the last word counts."""
    if trace and (span := _current.get()) is not None:
        span.trace, span.is_root = trace, is_root


def happened(event: str) -> None:
    """Note something in the current piece of work, once."""
    span = _current.get()
    if span is not None and event not in dict(span.events):
        span.events.append((event, time.time()))


def end(name: str, **attributes: str | int | float) -> None:
    """The current piece of work is over: it is a span, if it belongs to a trace."""
    if (span := _current.get()) is not None:
        _current.set(None)
        span.name, span.ended = name, time.time()
        span.attributes |= attributes
        send(span)


@contextmanager
def piece(name: str) -> Iterator[Span]:
    """A piece of work, from here to the end of the block."""
    try:
        yield begin()
    finally:
        end(name)


def send(span: Span) -> None:
    if span.trace:
        for sink in sinks:
            sink(span)
