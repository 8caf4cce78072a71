"""The expected text, and nothing else: the whole answer, or what it states as its answer.

Capital letters, spaces, emphasis, quotation marks around it and a full stop after it do not matter.
"""

from __future__ import annotations

import unicodedata

from .outcomes import Judge, Outcome, UnusableError, without_tolerance
from .statements import plain, stated

AROUND = " \t\n\"'“”„‚‘’«»."


def judge_for(expected: str, tolerance: str) -> Judge:
    """Raises UnusableError."""
    without_tolerance(tolerance, "exact")
    wanted = normal(expected)
    if not wanted:
        raise UnusableError("a text is expected that has a letter or digit")

    def judge(text: str) -> Outcome:
        whole, said = normal(text), stated(plain(text))
        if not whole:
            return Outcome.NONE
        found = {whole, normal(said or "")}
        return Outcome.RIGHT if wanted in found else Outcome.WRONG

    return judge


def normal(text: str) -> str:
    composed = unicodedata.normalize("NFC", plain(text)).casefold()
    return " ".join(composed.split()).strip(AROUND)
