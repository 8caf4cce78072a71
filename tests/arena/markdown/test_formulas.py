"""What is a formula, and what merely contains dollar signs."""

from __future__ import annotations

import re

import pytest

from arena.markdown import blocks


def html(text: str) -> str:
    return "".join(blocks(text))


@pytest.mark.parametrize(
    "text", [r"\(x^2\)", "$x^2$", r"so \[x^2\] holds", "$$x^2$$", "$$\nx^2\n$$"]
)
def test_mathematics_becomes_mathml(text: str) -> None:
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in html(text)


@pytest.mark.parametrize(
    "text",
    ["$x$", "cost $x$ each", "the $n$th", "($a+b$),", "$2x$", "$AB$", "$5$", "**$x$**", r"$\pi$",
     "$f(x) = 2$", "$0 \\le x$", "$a < b$", "$-1$", "$n!$", "$3 + 4 = 7$", "$$5$$",
     "a. $x$ b", "`$5` $x$ `$6`"],
)  # fmt: skip
def test_formula_between_dollars_is_one(text: str) -> None:
    assert html(text).count("<math") == 1


@pytest.mark.parametrize(
    "text",
    [
        "$5 in January, $8 in June",
        "$3 here and $4 there; pears are $2.50.",
        "Between $200 and $300, **$250** is fair.",
        "Use $PATH or $HOME in a shell.",
        "5$ to 6$ each.",
        "US$5-$8",
        "US$5 to US$8",
        "$HOME/bin:$PATH",
        "cost $5/month (or 5$)",
        "between $5 and 10$.",
        "**$5** or **$8**",
        "**$5**/**$8**",
        "$AAPL and $GOOG$",
        "A$5 and NZ$6",
        "$5k-$10k",
        "$1,000 or $2,000",
        "~$5 (~$6)",
        "`$x$`",
        r"`\(x\)`",
        r"\$x\$",
        "```\n$x$\n```",
        "$ x $",
        "$$",
        "$",
        "echo $$",
        "\\(",
        "\\(\\)",
        "\\[",
    ],
)
def test_prices_and_variables_are_no_formulas(text: str) -> None:
    assert "<math" not in html(text)
    assert html(text).count("$") == text.replace("\\$", "$").count("$")


def test_bold_price_is_bold() -> None:
    text = "Between $200 and $300, **$250** is fair; **$5 to $8** too."
    assert re.findall("<strong>(.*?)</strong>", html(text)) == ["$250", "$5 to $8"]


@pytest.mark.parametrize("text", ["$$x$$", r"\[x\]", r"so \[x\] holds", r"- \[x\]", "\\[\nx\n\\]"])
def test_formula_of_its_own_is_scrolled_by_keys_and_named(text: str) -> None:
    [box] = re.findall(r"<span[^>]*>(?=\s*<math)", html(text))
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


@pytest.mark.parametrize(
    "text",
    [r"\(\frac\)", "$$" + "{" * 99 + "}" * 99 + "$$", "$x_" + "1" * 1000 + "$", "$$\nx = 1"],
)
def test_formula_that_cannot_be_shown_is_shown_as_written(text: str) -> None:
    found = html(text)
    assert "<math" not in found
    written = re.sub("<[^>]*>", "", found).strip()
    assert written == text


def test_open_formula_does_not_swallow_what_follows() -> None:
    assert html("$$\nx = 1\n\n**bold**").endswith("<p><strong>bold</strong></p>\n")
    assert html("It costs $$.\n\n# Title").endswith("<h4>Title</h4>\n")
