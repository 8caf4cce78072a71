"""Counts the style features of an answer, for style control.

The counts are the same as in `ratings.core.data.covariates.count_style`, for files of votes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

FEATURES = ("words", "headers", "list items", "bold spans")

CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
MARKDOWN = (
    re.compile(r"^#{1,6}\s", re.MULTILINE),
    re.compile(r"^[^\S\n]*(?:[-*+]|\d+[.)])\s", re.MULTILINE),
    re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__"),
)


def style_of(answers: Sequence[str]) -> list[int]:
    """Counts of the `FEATURES` over all answers of a side; Markdown in code does not count."""
    words = sum(len(answer.split()) for answer in answers)
    prose = [CODE.sub("", answer) for answer in answers]
    return [words, *(sum(len(kind.findall(text)) for text in prose) for kind in MARKDOWN)]
