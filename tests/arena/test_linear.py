"""Text processing on voting and publishing takes time linear in the text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from arena.exporting import measures
from arena.exporting.votes import Exchange
from arena.labels import labels_of
from arena.labels.language import language_of
from arena.labels.style import style_of
from arena.models import Answer
from arena.moderating import rules
from arena.personal import redacted
from ratings.core.data.covariates import count_style

from .hostile import UNITS, check_growth, repeated, seconds

pytestmark = pytest.mark.slow
READERS: dict[str, Callable[[str], object]] = {
    "labels": lambda text: labels_of([text]),
    "language": language_of,
    "style": lambda text: style_of([text]),
    "style of files": count_style,
    "redaction": redacted,
    "moderation": rules.find,
    "measures": lambda text: measures.markdown([Exchange("", text, Answer())]),
}


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("reader", READERS)
def test_time_grows_with_the_text(reader: str, unit: str) -> None:
    check_growth(READERS[reader], repeated(unit))


@pytest.mark.parametrize("unit", ["1", "\n", "+491234567890123456789012345x "])
def test_labels_of_a_huge_prompt_take_a_moment(unit: str) -> None:
    """Rules read its first 10,000 characters, language detection fewer."""
    assert seconds(READERS["labels"], repeated(unit)(1_000_000)) < 0.5
