"""Things against questions, each answered yes, partly or no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Mark(NamedTuple):
    grade: str  # "yes", "partly", "no"; "" if unknown
    words: str


class Row(NamedTuple):
    name: str
    marks: Sequence[Mark]


class Grades(NamedTuple):
    """A row for each thing, a column for each question; `key` explains the marks."""

    questions: Sequence[str]
    rows: Sequence[Row]
    key: Sequence[Mark]
