"""Per-vote covariates: what, besides the models, may have influenced the vote.

The style features are those of Chatbot Arena (Li et al., "Does style matter?", 2024): length,
headers, list items and bold spans of each answer, as the relative difference between the sides.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ratings.core.data.arrays import FloatArray
from ratings.core.data.errors import BadVotesError, NotEnoughDataError
from ratings.core.data.validation import reject_first

STYLE_FEATURES = ("length", "headers", "lists", "bold")

_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_HEADER = re.compile(r"^#{1,6}\s", re.MULTILINE)
_LIST_ITEM = re.compile(r"^[^\S\n]*(?:[-*+]|\d+[.)])\s", re.MULTILINE)
_BOLD = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__")


def count_style(text: str) -> tuple[int, int, int, int]:
    """Count the `STYLE_FEATURES` of one answer; Markdown in code blocks does not count.

    Length is in words, not tokens: token counts depend on the tokenizer, while the relative
    difference between the sides hardly depends on the unit.
    """
    prose = _CODE.sub("", text)
    markdown = (_HEADER, _LIST_ITEM, _BOLD)
    headers, items, bold = (sum(1 for _ in pattern.finditer(prose)) for pattern in markdown)
    return len(text.split()), headers, items, bold


def style_counts(texts: Sequence[str]) -> FloatArray:
    """`count_style` of N answers, (N, 4)."""
    counts = np.array([count_style(text) for text in texts], dtype=np.float64)
    return counts.reshape(len(texts), len(STYLE_FEATURES))


def relative_differences(left: ArrayLike, right: ArrayLike) -> FloatArray:
    """(left - right) / (left + right), 0 where both are 0, each column in standard deviations.

    The standard deviation is taken about 0, not the mean, so equal answers stay at 0 and swapping
    the sides changes only the sign. A column that never differs stays 0.

    Args:
        left, right: (N, k) non-negative quantities of the two answers.

    Raises:
        BadVotesError: shapes differ; names the first row with a negative or non-finite value.
        NotEnoughDataError: no rows.
    """
    a, b = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 2:
        raise BadVotesError(f"Covariates of the sides have shapes {a.shape} and {b.shape}.")
    if not len(a):
        raise NotEnoughDataError("There are no votes.")
    for name, side in (("left", a), ("right", b)):
        good = np.isfinite(side) & (side >= 0)
        reject_first(np.logical_not(good.all(axis=1)), name, side, "is not all finite and >= 0")
    total = a + b
    difference = np.divide(a - b, total, out=np.zeros_like(a), where=total > 0)
    deviation = np.sqrt((difference**2).mean(axis=0))
    return difference / np.where(deviation > 0, deviation, 1.0)
