"""Where a text may be cut while it is shown."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arena.showing.words import Words, cut, words

TEXTS = st.text("ab .,\n-*é́我ไ้👍🏽‍👩🇩🇪`", max_size=300)


def units(text: str) -> list[str]:
    ends = [0, *words(text).ends]
    return [text[a:b] for a, b in pairwise(ends)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there,  my.\n\n- so\n", ["Hello", " there,", "  my.", "\n\n-", " so\n"]),
        ("x = 1\n    y = x", ["x", " =", " 1", "\n    y", " =", " x"]),
        ("我喜欢你。Hello世界", ["我喜", "欢你", "。", "Hello", "世界"]),
        ("สวัสดี", ["สวั", "สดี"]),
        ("👩‍👩‍👧🇩🇪", ["👩‍👩‍👧🇩🇪"]),
        ("a" * 90, ["a" * 40, "a" * 40, "a" * 10]),
        (" " * 100 + "a", [" " * 80, " " * 20 + "a"]),
        ("", []),
        ("\n", ["\n"]),
    ],
)  # fmt: skip
def test_text_is_cut_between_words(text: str, expected: list[str]) -> None:
    assert units(text) == expected


@example(text="ไ\u200d`", sizes=[1])
@example(text="a\u200d b", sizes=[1])
@given(text=TEXTS, sizes=st.lists(st.integers(1, 20), min_size=1))
def test_cuts_depend_on_the_text_alone_not_on_its_pieces(text: str, sizes: list[int]) -> None:
    growing, at = Words(), 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        growing.write(text[at : at + size])
        at += size
        assert growing.ends == words(text.rstrip()).ends[: len(growing)]
    growing.close()
    assert growing.ends == words(text).ends
    assert "".join(units(text)) == text


def test_last_word_waits_until_something_follows_it() -> None:
    growing = Words()
    growing.write("One tw")
    assert growing.first(9) == "One"
    growing.write("o ")
    assert growing.first(9) == "One two"


def test_cut_keeps_so_many_words_and_no_blank_behind_them() -> None:
    text = "One two\n\nthree four"
    assert [cut(text, n) for n in (0, 2, 3, 9)] == ["", "One two", "One two\n\nthree", text]


@pytest.mark.parametrize("text", ["x" * 100_000, " " * 100_000, "我" * 100_000, "é" * 50_000])
def test_endless_words_take_no_longer_than_others(text: str) -> None:
    assert len(words(text)) > 1000
