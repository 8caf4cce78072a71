r"""A number, within a tolerance: the first after the last “Answer:” (or after “=” on its line),
or in the last \boxed{…}; otherwise the last number of the text.

“1,234”, “1 234”, “1'234” and “1.234.567” have thousands separators; “3,14” has a decimal comma, and
so has “1.234,5”. “1.234” is a little more than 1. “3/4” is 0.75, “12%” is 12. A number that is part
of a word (km2) or an exponent is none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from .outcomes import Judge, Outcome, UnusableError
from .statements import plain, stated

DIGITS = 60  # of a number; longer ones are none
SPACES = "\u00a0\u202f\u2009 "
GROUPED = rf"\d{{1,3}}(?:[{SPACES}'’]\d{{3}})+(?:[.,]\d+)?(?!\d)"
NUMBER = re.compile(
    rf"(?<![\w^.,])(?P<sign>[-+\u2212\u2013]?)\s?(?P<body>{GROUPED}|\d+(?:[.,]\d+)*|\.\d+)"
    r"(?:\s?(?:[x×·]|\\times|\\cdot)\s?10\s?\^?\{?(?P<power>[-\u2212]?\d{1,3})\}?|[eE](?P<exponent>[-+]?\d{1,3}))?"
    r"(?:\s?/\s?(?P<under>\d+(?:\.\d+)?)(?![\d/]))?"
)
FRACTION = re.compile(r"\\[dt]?frac\{\s*([-\d.]+)\s*\}\{\s*([\d.]+)\s*\}")
BOXED = re.compile(r"\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}")
TOLERANCE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(%?)")


def judge_for(expected: str, tolerance: str) -> Judge:
    """Raises UnusableError."""
    wanted, margin = _expected(expected), 0.0
    if tolerance:
        margin = _margin(tolerance, wanted)
    margin = max(margin, 1e-9 * abs(wanted))  # of binary fractions: 0.1 + 0.2 is 0.3

    def judge(text: str) -> Outcome:
        found = number_of(text)
        if found is None:
            return Outcome.NONE
        return Outcome.RIGHT if abs(found - wanted) <= margin else Outcome.WRONG

    return judge


def _expected(expected: str) -> float:
    found = [*_numbers(expected)]
    whole = NUMBER.fullmatch(expected.strip()) is not None
    if not whole or len(found) != 1:
        raise UnusableError(f"a number is expected, not “{expected[:40]}”")
    return found[0]


def _margin(tolerance: str, wanted: float) -> float:
    """“0.5”, or “1%” of what is expected."""
    found = TOLERANCE.fullmatch(tolerance.strip())
    if found is None:
        raise UnusableError(f"a tolerance is a number or a percentage, not “{tolerance[:40]}”")
    number = float(found[1])
    return abs(wanted) * number / 100 if found[2] else number


def number_of(text: str) -> float | None:
    text = plain(text)
    if boxed := BOXED.findall(text):
        return next(_numbers(boxed[-1]), None)
    said = stated(text)
    if said is not None:
        said = said.rpartition("=")[2]
        if (found := next(_numbers(said), None)) is not None:
            return found
    every = [*_numbers(text)]
    return every[-1] if every else None


def _numbers(text: str) -> Iterator[float]:
    for found in NUMBER.finditer(FRACTION.sub(r"\1/\2", text)):
        number = _value(found)
        if number is not None and math.isfinite(number):
            yield number


def _value(found: re.Match[str]) -> float | None:
    if len(found["body"]) > DIGITS:
        return None
    power = (found["power"] or found["exponent"] or "0").replace("\u2212", "-")
    number = float(f"{_in_english(found['body'])}e{power}")  # infinite if it is too large
    if found["under"]:
        under = float(found["under"])
        number = number / under if under else math.nan
    return -number if found["sign"] in ("-", "\u2212") else number


def _in_english(body: str) -> str:
    """With a decimal point, and nothing between thousands."""
    body = re.sub(rf"[{SPACES}'’]", "", body)
    if "," in body and "." in body:
        decimal = max(",", ".", key=body.rfind)
        thousands = "," if decimal == "." else "."
        return body.replace(thousands, "").replace(decimal, ".", 1)
    if body.count(",") == 1 and not re.search(r",\d{3}$", body):
        return body.replace(",", ".")
    if body.count(".") > 1:
        return body.replace(".", "")
    return body.replace(",", "")
