"""Messages to prompt text, through the Jinja chat template that a model was trained with.

Templates come from files and forms that are not ours, so they run in Jinja's sandbox.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from types import FrameType
from typing import Any, NoReturn, Self

from jinja2 import Template, TemplateError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .errors import EngineError

MOST_LINES = 200_000  # run by one template; the longest conversations need some thousands
MOST_CHARACTERS = 100_000  # of one template; the longest have some 20,000


def render(
    template: str, messages: Sequence[Mapping[str, str]], *, bos_token: str, eos_token: str
) -> str:
    """The prompt that asks for the next answer. Raises EngineError, permanent, if it cannot."""
    if not template.strip():
        raise EngineError(
            "These weights carry no chat template. Give the contestant a prompt format.",
            permanent=True,
        )
    if len(template) > MOST_CHARACTERS:
        raise EngineError(
            f"The prompt format has {len(template):,} characters; at most {MOST_CHARACTERS:,} "
            "are possible.",
            permanent=True,
        )
    try:
        compiled = _compile(template)
        with _bounded():
            return compiled.render(
                messages=[dict(message) for message in messages],
                add_generation_prompt=True,
                bos_token=bos_token,
                eos_token=eos_token,
                tools=None,
                documents=None,
            )
    except _FAILURES as error:
        reason = str(error) or type(error).__name__
        raise EngineError(f"The prompt format failed: {reason}", permanent=True) from error


_FAILURES = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


class _LineCount:
    """A trace function that ends a template whose loops do not. The sandbox does not do that."""

    def __init__(self) -> None:
        self._left = MOST_LINES

    def __call__(self, frame: FrameType, event: str, _: object) -> Self | None:
        self._left -= 1
        if self._left < 0:
            raise TemplateError("it does not come to an end.")
        return self if frame.f_code.co_filename == "<template>" else None


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, without the arithmetic that fills the memory in one line."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**":
            raise TemplateError("it must not raise to a power.")
        if not all(isinstance(side, int | float) for side in (left, right)):
            raise TemplateError("it must multiply numbers only.")
        return super().call_binop(context, operator, left, right)


@contextmanager
def _bounded() -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(_LineCount())
    try:
        yield
    finally:
        sys.settrace(before)


@lru_cache(maxsize=64)
def _compile(template: str) -> Template:
    return _environment().from_string(template)


@lru_cache(maxsize=1)
def _environment() -> _Environment:
    # The settings that chat templates are written for (those of Hugging Face's transformers).
    environment = _Environment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = _strftime_now
    return environment


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


def _strftime_now(format_: str) -> str:
    return datetime.now().strftime(format_)


def _to_json(value: Any, indent: int | None = None) -> str:
    # Jinja's own escapes <, > and & for HTML, which models never saw in training.
    return json.dumps(value, ensure_ascii=False, indent=indent)
