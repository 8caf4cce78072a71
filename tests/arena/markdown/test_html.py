"""What Markdown becomes."""

from __future__ import annotations

import re

import pytest

from arena.markdown import blocks


def html(text: str) -> str:
    return "".join(blocks(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**bold** _it_ ~~gone~~", "<p><strong>bold</strong> <em>it</em> <s>gone</s></p>\n"),
        ("`code`", '<p><code dir="ltr">code</code></p>\n'),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("one  \ntwo\\\nthree", "<p>one<br>\ntwo<br>\nthree</p>\n"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>\n"),
        ("- a\n- b", '<ul dir="auto">\n<li>a</li>\n<li>b</li>\n</ul>\n'),
        ("- a\n  - b", '<ul dir="auto">\n<li>a<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n'),
        ("1. a\n2. b", '<ol dir="auto">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("1. a\n\n2. b", '<ol dir="auto">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("3) a", '<ol dir="auto" start="3">\n<li>a</li>\n</ol>\n'),
        ("- a\n\n  b", '<ul dir="auto">\n<li>a<p>b</p>\n</li>\n</ul>\n'),
        ("born on\n14. May", "<p>born on<br>\n14. May</p>\n"),
        ("> a\nb\n\nc", '<blockquote dir="auto">\n<p>a<br>\nb</p>\n</blockquote>\n<p>c</p>\n'),
        ("> - a", '<blockquote dir="auto">\n<ul>\n<li>a</li>\n</ul>\n</blockquote>\n'),
        ("a\n***\nb", "<p>a</p>\n<hr>\n<p>b</p>\n"),
        ("a\n---", "<h4>a</h4>\n"),
        ("# a #", "<h4>a</h4>\n"),
        ("#5 is alive", "<p>#5 is alive</p>\n"),
        ("\\# a", "<p># a</p>\n"),
        ("", ""),
        (" \n\t\n", ""),
    ],
)  # fmt: skip
def test_markdown_becomes_html(text: str, expected: str) -> None:
    assert html(text) == expected


CODE = '<pre dir="ltr" tabindex="0"><code{} dir="ltr">{}</code></pre>\n'


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("```python\nx = 1\n```", "python", "x = 1\n"),
        ("``` C++ title=a\nx\n```", "c++", "x\n"),
        ('```"><script>\nx\n```', "", "x\n"),
        ("~~~\n```\n~~~", "", "```\n"),
        ("````\n```\n````", "", "```\n"),
        ("```\n```", "", ""),
        ("```go\n\tif x {\n\n\t}", "go", "\tif x {\n\n\t}\n"),
        ("  ```\n  a\n b\n  ```", "", "a\nb\n"),
        ("    a\n\n      b\n\n", "", "a\n\n  b\n"),
        ("```\na\n``` b\nc", "", "a\n``` b\nc\n"),
        ("```\n$x$ **a** <b> & https://a.b\n```", "", "$x$ **a** &lt;b&gt; &amp; https://a.b\n"),
    ],
)
def test_code_stays_as_it_is(text: str, language: str, code: str) -> None:
    assert html(text) == CODE.format(f' class="language-{language}"' if language else "", code)


def test_code_belongs_to_its_item_of_a_list() -> None:
    text = "1. Do:\n   ```sh\n   a\n\n     b\n   ```\n2. Done"
    code = CODE.format(' class="language-sh"', "a\n\n  b\n")
    assert html(text) == f'<ol dir="auto">\n<li>Do:{code}</li>\n<li>Done</li>\n</ol>\n'


def test_table_is_aligned_without_inline_style() -> None:
    table = html("Words above\n| a | b | c |\n|--:|:-:|---|\n| 1 | 2 |\n\nbelow")
    assert table.startswith("<p>Words above</p>\n<table")
    assert table.endswith("</table>\n<p>below</p>\n")
    assert '<td class="right">1</td>\n<td class="center">2</td>\n</tr>' in table
    assert "style" not in table


@pytest.mark.parametrize("tag", ["<br>", "<br/>", "<BR />"])
def test_break_within_a_cell_is_one(tag: str) -> None:
    assert "<td>a<br>b</td>" in html(f"| x |\n|---|\n| a{tag}b |")


def test_escaped_bar_does_not_divide_a_cell() -> None:
    assert '<td><code dir="ltr">a|b</code></td>' in html("| x | y |\n|---|---|\n| `a\\|b` | c |")


@pytest.mark.parametrize(("mark", "name"), [("[x]", "Done"), ("[X]", "Done"), ("[ ]", "To do")])
def test_task_says_whether_it_is_done(mark: str, name: str) -> None:
    assert f'<li><span class="task" role="img" aria-label="{name}">' in html(f"- {mark} wash up")
    assert "task" not in html(f"{mark} no list")


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.b/c_d?e=1&f=2.", ["https://a.b/c_d?e=1&amp;f=2"]),
        ("(https://a.b/c_(d))", ["https://a.b/c_(d)"]),
        ("**https://a.b/**, http://c.d", ["https://a.b/", "http://c.d"]),
        ("[x](https://a.b) <https://c.d>", ["https://a.b", "https://c.d"]),
        ("![picture](https://a.b/p.png)", ["https://a.b/p.png"]),
        ("[https://a.b](https://c.d)", ["https://c.d"]),
        ("`https://a.b` javascript://a.b ftp://a.b file:///a a.b", []),
        ("[x](/vote/) [y](//a.b) [z](data:text/html;base64,PHN) [j](JaVaScRiPt:a)", []),
    ],
)
def test_links_lead_to_web_pages_only(text: str, links: list[str]) -> None:
    found = re.findall(r'<a href="([^"]*)" rel="noopener noreferrer nofollow">', html(text))
    assert found == links
    assert "<img" not in html(text)
    assert html(text).count("<a") == len(links)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ([1, 2, 3, 2], [4, 5, 6, 5]),
        ([2, 3, 2], [4, 5, 4]),
        ([3, 1, 2], [4, 4, 5]),
        ([1, 4, 6, 3], [4, 5, 6, 5]),
        ([1, 2, 3, 4, 5, 6], [4, 5, 6, 6, 6, 6]),
    ],
)
def test_headings_never_skip_a_level(written: list[int], shown: list[int]) -> None:
    text = "\n".join(f"{'#' * level} x" for level in written)
    assert [int(level) for level in re.findall(r"<h(\d)>", html(text))] == shown


@pytest.mark.parametrize("text", ["```\nx\n```", "    x", "| a |\n|---|\n| 1 |"])
def test_what_may_be_wider_than_its_pane_is_scrolled_by_keys(text: str) -> None:
    assert re.match('<(pre|table) [^>]*tabindex="0"', html(text))


@pytest.mark.parametrize("text", ["- שלום", "1. שלום", "> שלום", "| שלום |\n|---|\n| 1 |"])
def test_first_words_decide_on_which_side_a_block_is_indented(text: str) -> None:
    assert re.match('<(ul|ol|blockquote|table) dir="auto"', html(text))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<a href='javascript:alert(1)'>x</a>",
        "<javascript:alert(1)>",
        "![x](https://example.org/pixel.png?secret)",
        '[x](https://a.b/"onmouseover="alert(1))',
        r"$\text{<img src=x onerror=alert(1)>}$",
        r"$\href{javascript:alert(1)}{x}$",
        "$$\\unicode{<script>alert(1)</script>}$$",
        "\\[\n\\text{<script>alert(1)</script>}\n\\]",
        '```"><script>alert(1)</script>\nx\n```',
        "```\n</code></pre><script>alert(1)</script>",
        "| <script> |\n|---|\n| <img src=x onerror=alert(1)> |",
        "# <script>alert(1)</script>",
        "<style>*{display:none}</style>",
        "<iframe src=//example.org></iframe>",
        "&lt;script&gt;alert(1)",
    ],
)
def test_nothing_active_survives(text: str) -> None:
    safe = html(text).lower()
    for danger in ("<script", "<img", "<iframe", "<style", "<object", 'href="javascript', "data:"):
        assert danger not in re.sub(r">[^<]*<", "><", safe)
    assert not re.search(r"<[^>]* on\w+=", safe)
