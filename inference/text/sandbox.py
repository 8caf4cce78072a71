"""Renders untrusted templates within limits.

They come from files and forms. Jinja's sandbox protects the process; this module and `bounds` limit
what is known to grow, and say why they do. Whatever chat templates usually do is allowed: a line of
dashes, a joined list. What they forget, the kernel stops (`apart`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import FrameType
from typing import Any, NoReturn, Self

from jinja2 import Environment, Template, TemplateError, filters, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from . import bounds

ENDLESS = "it does not finish."
MOST_LINES = 200_000  # executed by one template; the longest conversations need some thousands
MOST_S = 1.0  # of processor time, but for the operation under way; they need some milliseconds
_TEMPLATE, _FILTERS = "<template>", filters.__file__  # as Python names where code is from
_REMOVED = ("pprint", "urlize", "xmlattr", "wordwrap", "striptags", "sum")  # filters


def fill_in(template: str, values: dict[str, Any]) -> str:
    """Render the template. Raises TemplateError, or any other error that Python raises in it."""
    compiled = _compile(template)
    with _bounded():
        return bounds.joined(compiled.generate(values))


class _LineCount:
    """A trace function that stops a template with endless loops, which the sandbox does not do."""

    def __init__(self) -> None:
        self._left = MOST_LINES
        self._until = time.thread_time() + MOST_S

    def __call__(self, frame: FrameType, event: str, _: object) -> Self | None:
        own = frame.f_code.co_filename == _TEMPLATE
        self._left -= own
        # Other code that happens to run now, as of a destructor, is not stopped.
        is_part = frame.f_code.co_filename in (_TEMPLATE, _FILTERS)
        if is_part and (self._left < 0 or time.thread_time() > self._until):
            raise TemplateError(ENDLESS)
        return self if own else None


@contextmanager
def _bounded() -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(_LineCount())
    try:
        yield
    finally:
        sys.settrace(before)


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


class _Namespace(Namespace):
    def __repr__(self) -> str:
        return "<Namespace>"  # without its values, which are as large as all of them together


class _Generation(Extension):
    """{% generation %}, with which templates mark answers for training; ignored here."""

    tags = {"generation"}

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Code(CodeGenerator):
    """Checks lists, tuples and dicts that a template makes, and texts that it puts together."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.concatenated((")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write("))")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802
        self._small(super().visit_List, node, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        self._small(super().visit_Dict, node, frame)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802
        if node.ctx == "load":
            self._small(super().visit_Tuple, node, frame)
        else:
            super().visit_Tuple(node, frame)  # names that are assigned to

    def _small(self, visit: Callable[..., None], node: nodes.Expr, frame: Frame) -> None:
        self.write("environment.small(")
        visit(node, frame)
        self.write(")")


# What its compiler adds to each call in a loop or a block.
_OF_JINJA = ("_loop_vars", "_block_vars")


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with a size check of whatever can grow."""

    code_generator_class = _Code
    intercepted_binops = frozenset(bounds.OPERATORS)
    concatenated = staticmethod(bounds.join)
    concat = staticmethod(bounds.joined)  # of blocks and macros
    small = staticmethod(bounds.small)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        return bounds.OPERATORS[operator](left, right)

    def call(self, context: Context, obj: Any, *values: Any, **named: Any) -> Any:
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        said = {each: value for each, value in named.items() if each not in _OF_JINJA}
        bounds.check_method(owner, name, (*values, *said.values()))
        if isinstance(owner, str) and name == "replace":
            return bounds.replace(owner, *values, **said)
        if isinstance(owner, str) and name == "join":
            return bounds.join(values[0], owner)
        return bounds.small(super().call(context, obj, *values, **named))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        formatted = super().wrap_str_format(value)
        return formatted and bounds.formatting(value.__self__, formatted)


@lru_cache(maxsize=64)
def _compile(template: str) -> Template:
    return _environment().from_string(template)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # The settings that chat templates are written for (those of Hugging Face's transformers).
    environment = _Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=bounds.small,
        extensions=["jinja2.ext.loopcontrols", _Generation],
    )
    known = environment.filters
    for name in ("center", "batch", "slice"):
        known[name] = bounds.widening(known[name])
    known |= {
        "tojson": bounds.to_json, "replace": bounds.replace, "join": bounds.join,
        "indent": bounds.indent, "round": bounds.round_,
        "string": lambda value: str(bounds.small(value)),
        "format": lambda text, *values, **named: bounds.percent(text, named or values),
    }  # fmt: skip
    for name in _REMOVED:
        del known[name]
    for name, act in known.items():
        known[name] = bounds.keeping_small(act)
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = bounds.strftime_now
    environment.globals["namespace"] = _Namespace
    del environment.globals["lipsum"]
    return environment
