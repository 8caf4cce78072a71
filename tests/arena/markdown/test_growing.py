"""An answer shown while it is written ends up the same as on a page loaded afterwards."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.markdown import Change, Growing, blocks, leaves, reading
from arena.markdown.cleaning import block_cleaner

pytestmark = pytest.mark.slow

PIECES = (
    "Some words", " and more", ', "he said"', " 50% (é–ж 日本)", "\n", "\n\n", "\n\n\n", "  ",
    "    ", "\t", "- ", "1. ", "2) ", "- [x] ", "# ", "### ", "> ", "```", "```py\n", "~~~", "$$",
    "$", r"\(", r"\)", r"\[", r"\]", "|", "|a|b|\n|-|:-:|\n", "---", "===", "*", "**", "~~", "`",
    "[x]", "[l](http://x 't')", "https://a.b/c", "<b>", "<br>", "&amp;", "x^2", "\\", "\xa0",
    "\u2028", "\x0b", "\x0c", "\r", "\r\n", "\x00", "\ue000", "\ue0000\ue001", "🙂", "ि", "שלום",
    "word " * 30,
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@pytest.fixture(params=["limits as they are", "small limits"])
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "small limits":  # so that short texts exceed all of them
        for module, name, value in (
            (reading, "LINE", 20), (reading, "LONGEST", 300), (leaves, "SETTLED", 30),
            (leaves, "PARAGRAPH", 60), (leaves, "FORMULA", 40),
        ):  # fmt: skip
            monkeypatch.setattr(module, name, value)


def fresh(text: str) -> list[str]:
    """As `blocks`, without its cache, which ignores the changed limits."""
    growing = Growing()
    growing.show(text)
    return list(growing.blocks)


def put(shown: list[str], change: Change) -> None:
    """Apply a change as the browser does."""
    begun = shown[change["keep"]][: change["from"]] if change["from"] else ""
    del shown[change["keep"] :]
    for html in change["blocks"]:
        shown.append(begun + html)
        begun = ""


@pytest.mark.usefixtures("limits")
@settings(max_examples=300, deadline=None)
@given(text=TEXTS, data=st.data())
def test_growing_answer_shows_what_a_page_would(text: str, data: st.DataObject) -> None:
    growing, shown, at = Growing(), list[str](), 0
    while at < len(text):
        at += data.draw(st.integers(1, 12))
        put(shown, growing.show(text[:at]))
        assert shown == fresh(text[:at])


@pytest.mark.usefixtures("limits")
@settings(max_examples=300, deadline=None)
@given(text=TEXTS, data=st.data())
def test_browser_that_comes_back_is_told_the_rest(text: str, data: st.DataObject) -> None:
    seen = data.draw(st.integers(0, len(text)))
    shown = fresh(text[:seen])
    of_page = len(shown)
    growing = Growing()
    growing.resume(text[:seen])
    for end in (data.draw(st.integers(seen, len(text))), len(text)):
        change = growing.show(text[:end])
        assert not change["from"] or change["keep"] >= of_page  # the script does not have that HTML
        of_page = min(of_page, change["keep"])
        put(shown, change)
    assert shown == fresh(text)


@pytest.mark.usefixtures("limits")
@settings(max_examples=500, deadline=None)
@given(text=TEXTS)
def test_the_cleaner_would_let_every_block_pass_as_it_is(text: str) -> None:
    for block in fresh(text):
        assert block_cleaner.clean(block) == block


@given(text=TEXTS, other=TEXTS)
def test_text_that_is_not_the_old_one_with_more_replaces_it(text: str, other: str) -> None:
    growing, shown = Growing(), list[str]()
    for each in (text, other, text):
        put(shown, growing.show(each))
        assert shown == blocks(each)


GROWING: dict[str, tuple[str, str]] = {
    "code": ("```python\n", "    total = x + 1  # step\n"),
    "code in a list": ("1. Do:\n   ```sh\n", "   echo 1 | sort\n"),
    "paragraph": ("", "The river runs past **old** mills and `quiet` fields. "),
    "one line of signs": ("", "*a_ [b "),
    "list": ("", "- item **one** of a list\n"),
    "deep list": ("1. Steps\n", "   - part of it\n     - and more\n"),
    "table": ("| a | b |\n|---|---|\n", "| some **bold** words | 2 |\n"),
    "quote": ("", "> line of a *quote*\n"),
    "formulas": ("", "So $x_1 = 2$ and\n\n$$\\frac{1}{2}$$\n\n"),
    "open formula": ("\\[\n", "x + y + \\\\\n"),
}


@pytest.mark.parametrize("kind", GROWING)
def test_frame_carries_only_what_is_new(kind: str) -> None:
    begin, more = GROWING[kind]
    text = begin + more * (16_000 // len(more))
    growing, sent = Growing(), dict[int, int]()
    for end in range(0, len(text), 20):
        sent[end] = sum(map(len, growing.show(text[:end])["blocks"]))
    early = sum(size for end, size in sent.items() if 2_000 <= end < 6_000)
    late = sum(size for end, size in sent.items() if 10_000 <= end < 14_000)
    assert late < 1.5 * early + 1_000


def test_all_that_was_written_can_be_read_however_long_it_is() -> None:
    text = "".join(f"word{i} " for i in range(30_000))
    html = "".join(blocks(text))
    assert re.sub(r"<[^>]*>|\s", "", html) == text.replace(" ", "")
    assert html.count("<pre") == 1


@pytest.mark.parametrize("text", ["Hello", "```\nx = 1", "    x = 1", "- a\n\n  ```\n  x"])
def test_white_space_after_the_last_word_is_not_shown(text: str) -> None:
    """Of a battle it would say that the end has arrived."""
    for space in (" ", "\n\n", " \n    "):
        assert Growing().show(text + space) == Growing().show(text)
