from __future__ import annotations

import pytest

from arena.plurals import counted, two_digits


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 votes"), (1, "1 vote"), (2, "2 votes"), (12_345, "12,345 votes")]
)
def test_number_agrees_with_its_noun(number: int, said: str) -> None:
    assert counted(number, "vote") == said


def test_irregular_noun_is_given() -> None:
    assert counted(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0"), (0.0634, "0.063"), (0.3, "0.30"), (1.43, "1.4"), (12.6, "13"), (1234.5, "1,234")],
)
def test_measures_have_two_digits(number: float, said: str) -> None:
    assert two_digits(number) == said
