"""A regular expression that is found in the text, in the syntax of Python and the module `regex`.

It comes from staff and meets what models write, and some expressions take years on some texts: each
gets a quarter of a second, and only in the background. Repetitions such as a{1000000} are written
out when an expression is read, which takes gigabytes: their counts, multiplied, are bounded.
"""

from __future__ import annotations

import math
import re

import regex

from .outcomes import Judge, Outcome, UnusableError, without_tolerance

SECONDS = 0.25
CHARACTERS = 500  # of an expression
REPEATS = 1_000  # of all its repetitions, multiplied
COUNT = re.compile(r"\{(\d+)")
VERBOSE = re.compile(r"\(\?\w*x")  # it would allow spaces and comments within a count


def judge_for(expected: str, tolerance: str) -> Judge:
    """Raises UnusableError."""
    without_tolerance(tolerance, "regex")
    if len(expected) > CHARACTERS:
        raise UnusableError(f"an expression has at most {CHARACTERS} characters")
    if VERBOSE.search(expected):
        raise UnusableError("the flag (?x) is not taken")
    if math.prod(max(int(count), 1) for count in COUNT.findall(expected)) > REPEATS:
        raise UnusableError(f"its repetitions, multiplied, are more than {REPEATS:,}")
    try:
        pattern = regex.compile(expected)
    except (regex.error, OverflowError, RecursionError) as error:
        raise UnusableError(f"“{expected[:40]}” is no regular expression: {error}") from error

    def judge(text: str) -> Outcome:
        if not text.strip():
            return Outcome.NONE
        try:
            found = pattern.search(text, timeout=SECONDS)
        except TimeoutError:
            return Outcome.UNCHECKED
        return Outcome.RIGHT if found else Outcome.WRONG

    return judge
