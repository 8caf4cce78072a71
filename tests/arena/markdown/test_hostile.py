"""No text is slow: rendering time is linear in its length, whole and while it grows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from arena.markdown import Growing
from arena.markdown.formulas import mathml
from arena.markdown.inline import inline
from tests.arena.hostile import check_growth, repeated

pytestmark = pytest.mark.slow


def root(length: int) -> int:
    """How many pieces of growing length add up to this length."""
    return int((2 * length) ** 0.5)


GROWTH = {
    "backticks of growing length": lambda n: " ".join("`" * i for i in range(1, root(n))),
    "fences of growing length": lambda n: "\n".join("`" * i for i in range(3, root(n))),
    "quotes within quotes": lambda n: ">" * n,
    "quotes of growing depth": lambda n: "\n".join(">" * i for i in range(1, root(n))),
    "lists within lists": lambda n: "- " * (n // 2),
    "lists of growing depth": lambda n: "\n".join(" " * i + "- a" for i in range(0, root(n), 2)),
    "links within links": lambda n: "[" * (n // 2) + "](a)" * (n // 8),
    "brackets that close nothing": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "formula with many braces": lambda n: "$$" + "{" * (n // 2) + "}" * (n // 2) + "$$",
    "open formula": lambda n: "\\[\n" + "x + y \\\\\n" * (n // 9),
    "formula in one line": lambda n: "$" + "x+" * (n // 2) + "$",
    "table with many columns": lambda n: "\n".join(
        ["|a" * (n // 8), "|-" * (n // 8), *"|" * (n // 4)]
    ),
    "table with many rows": lambda n: "|a|b|\n|-|-|\n" + "|1|2|\n" * (n // 6),
    "table that never begins": lambda n: "|a|\n" * (n // 4),
    "indented code with blank lines": lambda n: "    a\n\n\n" * (n // 8),
    "words without an end": lambda n: "word " * (n // 5),
    "quote and backslashes as chapel": lambda n: '```chapel\n"' + "\\" * n + "\n```",
    "the same as cddl": lambda n: '```cddl\n"' + "\\" * n + "\n```",
    "the same as factor": lambda n: '```factor\n"' + "\\" * n + "\n```",
    "the same as fish": lambda n: '```fish\n"' + "\\" * n + "\n```",
}  # fmt: skip
UNITS = (
    "[", "![", "]", "(", "*", "**a ", "*a_", "*a **a ", "a**b* ", "_a ", "a_ ", "*_", "~~a ",
    "~a~~", "<", "<a ", '<a b="', "<http:", "<!--", "<?", "&", "&a", "&#", "\\", "\\(", "\\(x\\)",
    "\\[", "\\[x\n", "$", "$x$", "$$", "$$\n", "$1 ", "`", "`a", "```\n", "~~~\n", "#", "# \n", "-",
    "- \n", "---\n", "===\n", "1.", "1. \n", ">", "> \n", "|", "|-", ":", "[a](b", "[a](b)",
    "[a](<b", '[a](b "', "[a][b", "[a]: b\n", "[^a]", "http://", "http://a.b ", "http://a)", "a",
    " ", "\t", "\n", "\r", "\n ", "a\n", "- a\n\n", "<br>", "[\n1-",
    "- [x] ", "字", "🙂", "\0", "\ue000", "\ue0001\ue001", "\x0c",
)  # fmt: skip
FAMILIES: dict[str, Callable[[int], str]] = {
    **GROWTH,
    **{f"{unit!r} repeated": repeated(unit) for unit in UNITS},
}


def whole(text: str) -> None:
    inline.cache_clear()
    mathml.cache_clear()
    growing = Growing()
    growing.show(text)
    assert growing.blocks or not text.strip()


def in_steps(text: str) -> None:
    inline.cache_clear()
    mathml.cache_clear()
    growing = Growing()
    for end in range(0, len(text), 200):
        growing.show(text[:end])


@pytest.mark.parametrize("family", FAMILIES)
def test_page_takes_time_that_grows_with_the_text(family: str) -> None:
    check_growth(whole, FAMILIES[family])


@pytest.mark.parametrize("family", FAMILIES)
def test_frames_take_time_that_grows_with_the_text(family: str) -> None:
    # Quadratic cost would take nine times as long.
    check_growth(in_steps, FAMILIES[family], lengths=(6_000, 18_000), most=4.5)
