"""Numbers, switches and pairs in environment variables, which an operator may mistype."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from os import environ
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured
from limits import parse_many

N = TypeVar("N", int, float)
ON = {"1", "on", "true", "yes", "y", "ok"}  # as django-environ reads them
WINDOWS = {"minute", "hour", "day"}  # of rates
OFF = {"", "0", "off", "false", "no", "n"}


def number(
    variable: str, default: N, *, least: float | None = None, most: float | None = None
) -> N:
    """The number in an environment variable: above 0, or at least `least`, and at most `most`. It
    is read as Python does: django-environ would drop letters and read "2m" as 2."""
    text = environ.get(variable, "").strip()
    kind: Callable[[str], N] = type(default)
    try:
        value = kind(text) if text else default
        allowed = isfinite(value) and (value > 0 if least is None else value >= least)
        allowed = allowed and (most is None or value <= most)
    except ValueError:
        allowed = False
    if not allowed:
        what = "whole number" if kind is int else "number"
        bound = "above 0" if least is None else f"from {least:,g}"
        bound += "" if most is None else f" to {most:,g}"
        raise ImproperlyConfigured(f"{variable} is {text!r}, but must be a {what} {bound}.")
    return value


def rate(variable: str, default: str) -> str:
    """How often something may be done, such as "20/minute; 300/hour"; "" for 0, which is no
    limit."""
    text = environ.get(variable, "").strip() or default
    if text == "0":
        return ""
    try:
        found = parse_many(text)
        allowed = all(one.amount > 0 and one.multiples == 1 for one in found)
        allowed = allowed and {one.GRANULARITY.name for one in found} <= WINDOWS
    except ValueError:
        allowed = False
    if not allowed:
        raise ImproperlyConfigured(
            f"{variable} is {text!r}, but must be rates per minute, hour or day, such as "
            '"20/minute; 300/hour", or 0 for no limit.'
        )
    return text


def choice(variable: str, *options: str) -> str:
    """One of the options, the first unless the variable says otherwise."""
    given = environ.get(variable, "").strip().lower() or options[0]
    if given not in options:
        said = f"{variable} is {environ[variable]!r}, but must be one of {', '.join(options)}."
        raise ImproperlyConfigured(said)
    return given


def switch(variable: str) -> bool:
    """Whether an environment variable is on. django-environ would take any unknown word for off."""
    text = environ.get(variable, "").strip().lower()
    if text not in ON | OFF:
        raise ImproperlyConfigured(f"{variable} is {text!r}, but must be on or off.")
    return text in ON


def pairs(variable: str) -> dict[str, str]:
    """Of "left=right, left=right"; what is left may have a "=" itself."""
    given = [part.strip() for part in environ.get(variable, "").split(",") if part.strip()]
    for part in given:
        if "=" not in part:
            raise ImproperlyConfigured(f"{variable} has {part!r}, but must be pairs such as a=b.")
    split = (part.rpartition("=") for part in given)
    return {left.strip(): right.strip() for left, _, right in split}
