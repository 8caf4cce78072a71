"""What a template may do with values, and how large they may get.

No value has more than MOST_ITEMS items or TEXTS.prompt characters, those of its items counted as
often as they are in it. That is checked before or when a value is made, since an operation on a
larger one could not be stopped: a few lists that hold each other twice have more items than fit
into a memory, and are never done being compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from itertools import repeat
from typing import Any, NamedTuple

from jinja2 import TemplateError
from jinja2.filters import do_indent, do_round

from ..contract.limits import TEXTS

MOST_ITEMS = 20_000
MOST_INDENT = 100
MOST_BITS = 4_096  # of a whole number
MOST_PLACES = 1_000  # behind a decimal point
_NESTING = (dict, list, tuple)
_WIDTH = re.compile(r"\d{5,}|\*")  # in a format string
_NESTED = re.compile(r"\{[^{}]*\{")  # a width that is itself filled in
_WIDENING = {"ljust", "rjust", "center", "zfill", "expandtabs"}  # methods of text
_REFUSED = {"encode", "translate", "to_bytes", "from_bytes"}  # bytes would not be counted


def check(holds: bool) -> None:
    """Raises TemplateError if a value would be too large."""
    if not holds:
        raise TemplateError("it produces too much text.")


class Size(NamedTuple):
    items: int
    characters: int
    depth: int


def measured(value: Any) -> Size:
    """The size of a value with all that is in it. Raises TemplateError if it is too large."""
    waiting, items, characters, depth = [(value, 0)], 0, 0, 0
    while waiting:
        item, level = waiting.pop()
        items += 1
        if isinstance(item, str):
            characters += len(item)
        elif isinstance(item, int):
            characters += item.bit_length()  # as text it is shorter
        elif isinstance(item, _NESTING):
            check(items + len(waiting) + len(item) <= MOST_ITEMS)
            depth = max(depth, level + 1)
            waiting += zip(item, repeat(level + 1))
            if isinstance(item, dict):
                waiting += zip(item.values(), repeat(level + 1))
    check(characters <= TEXTS.prompt)
    return Size(items, characters, depth)


def small(value: Any) -> Any:
    """`value`. Raises TemplateError if it is too large."""
    measured(value)
    return value


def keeping_small(act: Callable[..., Any]) -> Callable[..., Any]:
    """Check what a filter returns."""

    @wraps(act)  # with Jinja's marks of what is passed to it
    def bounded(*values: Any, **named: Any) -> Any:
        return small(act(*values, **named))

    return bounded


def joined(pieces: Iterable[str], between: str = "") -> str:
    """Like str.join, but stops at the limit before it joins anything."""
    found, size = [], 0
    for piece in pieces:
        size += len(piece) + len(between)
        check(size <= TEXTS.prompt)
        found.append(piece)
    return between.join(found)


def join(values: Iterable[Any], d: str = "", attribute: str | int | None = None) -> str:
    items = (value if attribute is None else value[attribute] for value in values)
    return joined((str(small(item)) for item in items), str(small(d)))


def _times(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, str | list | tuple):
        left, right = right, left
    if isinstance(left, str | list | tuple) and isinstance(right, int):
        most = TEXTS.prompt if isinstance(left, str) else MOST_ITEMS
        check(len(left) * max(right, 0) <= most)
    elif isinstance(left, int) and isinstance(right, int):
        check(left.bit_length() + right.bit_length() <= MOST_BITS)
    return small(left * right)


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        check(max(left.bit_length(), 1) * abs(right) <= MOST_BITS)
    return left**right


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        check(len(left) + len(right) <= TEXTS.prompt)
    return small(left + right)


def percent(left: Any, right: Any) -> Any:
    if isinstance(left, str):
        values = right if isinstance(right, tuple) else (right,)
        _check_format(left, "%", values)
    return left % right


OPERATORS = {"*": _times, "**": _power, "+": _plus, "%": percent}


def _check_format(text: str, sign: str, values: Iterable[Any]) -> None:
    longest = max((len(str(small(value))) for value in values), default=0)
    digits = next((n for n in (4, 3, 2, 1) if re.search(rf"\d{{{n}}}", text)), 0)
    check(not _WIDTH.search(text) and not _NESTED.search(text.replace("{{", "")))
    check(text.count(sign) * (longest + 10**digits) + len(text) <= TEXTS.prompt)


def formatting(text: str, act: Callable[..., str]) -> Callable[..., str]:
    """Bound `text.format`, which is `act`."""

    def bounded(*values: Any, **named: Any) -> str:
        _check_format(text, "{", (*values, *named.values()))
        return act(*values, **named)

    return bounded


def replace(value: Any, old: Any, new: Any, count: int | None = None) -> str:
    text, old, new = str(small(value)), str(small(old)), str(small(new))
    found = text.count(old) if old else len(text) + 1
    check(len(text) + found * len(new) <= TEXTS.prompt)
    return text.replace(old, new, -1 if count is None else count)


def to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """As Transformers has it: Jinja's own escapes <, > and & for HTML, which models never saw in
    training."""
    size, wide = measured(value), sum(map(len, separators or ()))
    check(indent is None or indent <= MOST_INDENT)
    check(size.items * ((indent or 0) * size.depth + wide) + size.characters <= TEXTS.prompt)
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


def indent(text: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    text, wide = str(small(text)), width if isinstance(width, int) else len(width)
    check(wide <= MOST_INDENT and len(text) + (text.count("\n") + 1) * wide <= TEXTS.prompt)
    return do_indent(text, width, first, blank)


def round_(value: float, precision: int = 0, method: Any = "common") -> float:
    check(abs(precision) <= MOST_PLACES)
    return do_round(value, precision, method)


def strftime_now(format_: str) -> str:
    _check_format(format_, "%", ["x" * 100])
    return datetime.now().strftime(format_)


def widening(act: Callable[..., Any]) -> Callable[..., Any]:
    """Bound a filter whose result grows with a numeric argument, such as `center`."""

    def bounded(value: Any, *values: Any, **named: Any) -> Any:
        _check_widths(value, (*values, *named.values()))
        return act(value, *values, **named)

    return bounded


def _check_widths(value: Any, widths: Iterable[Any]) -> None:
    size = len(value) + 1 if isinstance(value, str | list | tuple) else 1
    for width in widths:
        check(not isinstance(width, int) or abs(width) * size <= TEXTS.prompt)


def check_method(owner: Any, name: str, values: Iterable[Any]) -> None:
    """Raises TemplateError if what a method of `owner` returns could be too large."""
    if name in _REFUSED:
        raise TemplateError(f"it may not use {name}().")
    if isinstance(owner, str) and name in _WIDENING:
        _check_widths(owner, values)
