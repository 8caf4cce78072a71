from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.markdown import blocks, parsed


def html(text: str) -> str:
    return "".join(blocks(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**bold** _it_ `code`", "<p><strong>bold</strong> <em>it</em> <code>code</code></p>\n"),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("~~gone~~", "<p><s>gone</s></p>\n"),
    ],
)
def test_markdown_becomes_html(text: str, expected: str) -> None:
    assert html(text) == expected


def test_table_is_aligned_without_inline_style() -> None:
    table = html("| a | b |\n|--:|:-:|\n| 1 | 2 |")
    assert '<td class="right">1</td>' in table
    assert "style" not in table


def test_code_is_highlighted_by_class() -> None:
    assert '<span class="k">def</span>' in html("```python\ndef f(): pass\n```")


@pytest.mark.parametrize("text", ["```\nx\n```", "    x", "| a |\n|---|\n| 1 |"])
def test_what_may_be_wider_than_its_pane_is_scrolled_by_keys(text: str) -> None:
    assert re.match('<(pre|table) tabindex="0">', html(text))


@pytest.mark.parametrize("text", ["$$x$$", r"\[x\]", r"so \[x\] holds", r"- \[x\]"])
def test_formula_of_its_own_is_scrolled_by_keys_and_named(text: str) -> None:
    [box] = re.findall("<div[^>]*>(?=\\s*<math)", html(text))
    assert {'tabindex="0"', 'role="group"', 'aria-label="Formula"'} <= set(box[:-1].split(" "))


def test_formula_in_a_line_is_no_stop_for_keys() -> None:
    assert "tabindex" not in html("so $x$ holds")


@pytest.mark.parametrize("around", ["so {} holds", "- item {}", "> {}", "| a |\n|---|\n| {} |"])
def test_long_formula_leaves_its_line_for_a_box_that_scrolls(around: str) -> None:
    formula = "+".join(f"x_{{{i}}}" for i in range(20))
    for delimited in (f"${formula}$", rf"\({formula}\)"):
        found = html(around.format(delimited))
        assert found.count('role="group"') == found.count("<math") == 1
        assert 'display="block"' in found


@pytest.mark.parametrize("text", [r"\(x^2\)", "$x^2$", r"so \[x^2\] holds", "$$x^2$$"])
def test_mathematics_becomes_mathml(text: str) -> None:
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in html(text)


def test_dollars_in_code_stay_code() -> None:
    assert html(r"`\(x\)`") == "<p><code>\\(x\\)</code></p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<a href='javascript:alert(1)'>x</a>",
        "![x](https://example.org/pixel.png?secret)",
        r"$\text{<img src=x onerror=alert(1)>}$",
        r"$\href{javascript:alert(1)}{x}$",
        '```"><script>alert(1)</script>\nx\n```',
        "<style>*{display:none}</style>",
        "<iframe src=//example.org></iframe>",
        "$$\\unicode{<script>alert(1)</script>}$$",
    ],
)
def test_nothing_active_survives(text: str) -> None:
    safe = html(text).lower()
    for danger in (
        "<script",
        "<img",
        "<iframe",
        "<style",
        "<object",
        'href="javascript',
        'href="data',
    ):
        assert danger not in safe
    assert not any(f"<{tag} onerror" in safe for tag in ("p", "span", "mtext"))


def test_finished_blocks_do_not_change_while_text_arrives() -> None:
    text = "# Title\n\nFirst paragraph.\n\n- a\n- b\n\n```py\nx = 1\n```\n\nLast words."
    for cut in range(len(text)):
        before, after = blocks(text[:cut]), blocks(text)
        assert before[:-1] == after[: len(before) - 1] or cut < text.index("Last")


def test_open_code_fence_is_code_already() -> None:
    assert "<pre " in html("```\nhalf a progr")


PIECES = (
    "Some words", " and more", ', "he said"', " 50% (é–ж 日本)", "\n", "\n\n", "\n\n\n", "  ",
    "\t", "- ", "1. ", "# ", "> ", "```", "~~~", "$$", "$", r"\(", r"\[", r"\]", "|", "|--|",
    "---", "===", "*", "**", "`", "[x]", "[x]: /y", "<b>", "&amp;", "\u00a0", "\u2028", "\x0b",
    "\r", "\0", "🙂", "ि",
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=8), st.sampled_from(PIECES[:4]))
def test_plain_words_are_what_the_parser_makes_of_them(above: list[str], plain: str) -> None:
    text = "".join([*above, "\n\n", plain])
    for cut in range(len(text) + 1):
        assert tuple(blocks(text[:cut])) == parsed(text[:cut])
