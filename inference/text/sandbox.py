"""Renders untrusted templates within limits.

They come from files and forms. Jinja's sandbox protects the process; this module bounds the time
and memory they use. Whatever chat templates usually do is allowed: a line of dashes, a joined list.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from types import FrameType
from typing import Any, NoReturn, Self

from jinja2 import Environment, Template, TemplateError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from jinja2.filters import do_indent
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..contract.limits import TEXTS

MOST_LINES = 200_000  # executed by one template; the longest conversations need some thousands
MOST_INDENT = 100
MOST_BITS = 4_096  # of a whole number
MOST_ITEMS = 100_000  # of a value that is turned into text
_WIDTH = re.compile(r"\d{5,}|\*")  # in a format string
_SIZED = (str, list, tuple)
_WIDENING = {"ljust", "rjust", "center", "zfill", "expandtabs"}  # methods of text


def fill_in(template: str, values: dict[str, Any]) -> str:
    """Render the template. Raises TemplateError, or any other error that Python raises in it."""
    compiled = _compile(template)
    with _bounded():
        return _joined(compiled.generate(values))


class _LineCount:
    """A trace function that stops a template with endless loops, which the sandbox does not do."""

    def __init__(self) -> None:
        self._left = MOST_LINES

    def __call__(self, frame: FrameType, event: str, _: object) -> Self | None:
        self._left -= 1
        if self._left < 0:
            raise TemplateError("it does not finish.")
        return self if frame.f_code.co_filename == "<template>" else None


@contextmanager
def _bounded() -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(_LineCount())
    try:
        yield
    finally:
        sys.settrace(before)


def _check(holds: bool) -> None:
    if not holds:
        raise TemplateError("it produces too much text.")


def _joined(pieces: Iterable[str], between: str = "") -> str:
    """Like str.join, but stops at the limit before it joins anything."""
    found, size = [], 0
    for piece in pieces:
        size += len(piece) + len(between)
        _check(size <= TEXTS.prompt)
        found.append(piece)
    return between.join(found)


def _written(value: Any) -> Any:
    """`value`, unless it nests so many items that its text would explode."""
    waiting, seen = [value], 0
    while waiting:
        seen += 1
        _check(seen <= MOST_ITEMS)
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple):
            waiting += item
    return value


def _times(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, _SIZED):
        left, right = right, left
    if isinstance(left, _SIZED) and isinstance(right, int):
        _check(len(left) * max(right, 0) <= TEXTS.prompt)
    elif isinstance(left, int) and isinstance(right, int):
        _check(left.bit_length() + right.bit_length() <= MOST_BITS)
    return left * right


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        _check(max(left.bit_length(), 1) * abs(right) <= MOST_BITS)
    return left**right


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, _SIZED) and isinstance(right, _SIZED):
        _check(len(left) + len(right) <= TEXTS.prompt)
    return left + right


def _percent(left: Any, right: Any) -> Any:
    if isinstance(left, str):
        values = right if isinstance(right, tuple) else (right,)
        _check_format(left, "%", values)
    return left % right


def _check_format(text: str, sign: str, values: Iterable[Any]) -> None:
    longest = max((len(str(_written(value))) for value in values), default=0)
    _check(not _WIDTH.search(text) and text.count(sign) * longest + len(text) <= TEXTS.prompt)


def _replace(value: Any, old: Any, new: Any, count: int | None = None) -> str:
    text, old, new = str(_written(value)), str(old), str(new)
    found = text.count(old) if old else len(text) + 1
    _check(len(text) + found * len(new) <= TEXTS.prompt)
    return text.replace(old, new, -1 if count is None else count)


def _join(values: Iterable[Any], d: str = "", attribute: str | int | None = None) -> str:
    items = (value if attribute is None else value[attribute] for value in values)
    return _joined((str(_written(item)) for item in items), str(d))


def _to_json(value: Any, ensure_ascii: bool = False, indent: int | None = None, **how: Any) -> str:
    # Jinja's own escapes <, > and & for HTML, which models never saw in training.
    _check(indent is None or indent <= MOST_INDENT)
    return json.dumps(_written(value), ensure_ascii=ensure_ascii, indent=indent, **how)


def _indent(text: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    _check((width if isinstance(width, int) else len(width)) <= MOST_INDENT)
    return do_indent(str(text), width, first, blank)


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


def _strftime_now(format_: str) -> str:
    _check(len(format_) <= MOST_ITEMS and not _WIDTH.search(format_))
    return datetime.now().strftime(format_)


def _widening(act: Callable[..., Any]) -> Callable[..., Any]:
    """Bound a filter whose result grows with a numeric argument, such as `center`."""

    def bounded(value: Any, *values: Any, **named: Any) -> Any:
        _check_widths(value, (*values, *named.values()))
        return act(value, *values, **named)

    return bounded


def _check_widths(value: Any, widths: Iterable[Any]) -> None:
    size = len(value) + 1 if isinstance(value, _SIZED) else 1
    for width in widths:
        _check(not isinstance(width, int) or abs(width) * size <= TEXTS.prompt)


class _Generation(Extension):
    """{% generation %}, with which templates mark answers for training; ignored here."""

    tags = {"generation"}

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Code(CodeGenerator):
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.concatenated((")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write("))")


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with a size check before every operation whose result can grow."""

    code_generator_class = _Code
    intercepted_binops = frozenset({"*", "**", "+", "%"})
    concatenated = staticmethod(_join)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        return _OPERATORS[operator](left, right)

    def call(self, context: Context, obj: Any, *values: Any, **named: Any) -> Any:
        text = getattr(obj, "__self__", None)
        if isinstance(text, str):
            return self._call_of_text(context, text, obj, *values, **named)
        return super().call(context, obj, *values, **named)

    def _call_of_text(
        self, context: Context, text: str, method: Any, *values: Any, **named: Any
    ) -> Any:
        if method.__name__ == "replace":
            return _replace(text, *values, **named)
        if method.__name__ == "join":
            return _join(values[0], text)
        _check(method.__name__ != "translate")
        if method.__name__ in _WIDENING:
            _check_widths(text, (*values, *named.values()))
        return super().call(context, method, *values, **named)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        formatted = super().wrap_str_format(value)
        return formatted and _formatted(value.__self__, formatted)


def _formatted(text: str, act: Callable[..., str]) -> Callable[..., str]:
    def bounded(*values: Any, **named: Any) -> str:
        _check_format(text, "{", (*values, *named.values()))
        return act(*values, **named)

    return bounded


_OPERATORS = {"*": _times, "**": _power, "+": _plus, "%": _percent}


@lru_cache(maxsize=64)
def _compile(template: str) -> Template:
    return _environment().from_string(template)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # The settings that chat templates are written for (those of Hugging Face's transformers).
    environment = _Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
        extensions=["jinja2.ext.loopcontrols", _Generation],
    )
    filters = environment.filters
    for name in ("center", "batch", "slice"):
        filters[name] = _widening(filters[name])
    filters |= {"tojson": _to_json, "replace": _replace, "join": _join, "indent": _indent}
    filters["string"] = lambda value: str(_written(value))
    filters["format"] = lambda text, *values: _percent(text, values)
    for name in ("pprint", "urlize", "xmlattr", "wordwrap"):
        del filters[name]
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = _strftime_now
    del environment.globals["lipsum"]
    return environment
