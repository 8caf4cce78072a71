"""Each kind of check on what models really write."""

from __future__ import annotations

import time

import pytest

from arena.checking.kinds import KINDS, judge_for
from arena.checking.outcomes import Outcome, UnusableError

RIGHT, WRONG, NONE = Outcome.RIGHT, Outcome.WRONG, Outcome.NONE


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Paris", RIGHT),
        ("  paris.\n", RIGHT),
        ("**Paris**", RIGHT),
        ("“Paris.”", RIGHT),
        ("The capital of France has many bridges.\n\nAnswer: Paris", RIGHT),
        ("**Answer:**\n\n*Paris*", RIGHT),
        ("Die Antwort ist: Paris.", RIGHT),
        ("Answer: Lyon. No, wait.\nAnswer: Paris", RIGHT),
        ("Answer: Paris. No, wait.\nAnswer: Lyon", WRONG),
        ("It is Paris", WRONG),
        ("Paris or Lyon", WRONG),
        ("  \n", NONE),
        ("**", NONE),
    ],
)
def test_exact(text: str, outcome: Outcome) -> None:
    assert judge_for("exact", "Paris")(text) == outcome


def test_exact_text_may_have_several_words_and_accents() -> None:
    assert judge_for("exact", "Théo  van Gogh")("THE\u0301O van\ngogh") == RIGHT


@pytest.mark.parametrize("text", ["1e999", "2 × 10^400", "1/0", "9" * 100_000, "1e999/3"])
@pytest.mark.parametrize("kind", KINDS)
def test_number_that_no_computer_holds_is_no_answer_and_no_error(kind: str, text: str) -> None:
    expected = {"number": "3", "choice": "B", "exact": "3", "regex": "^3$"}[kind]
    assert judge_for(kind, expected)(text) in (WRONG, NONE)
    assert judge_for("number", "3")(f"{text} and 3") == RIGHT


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("1234.5", RIGHT),
        ("1,234.5", RIGHT),
        ("1.234,5", RIGHT),
        ("1 234,5", RIGHT),
        ("1'234.5", RIGHT),
        ("1,234.50 km", RIGHT),
        ("$1,234.50", RIGHT),
        ("First 12, then 7, so in the end **1234.5**.", RIGHT),
        ("#### 1234.5", RIGHT),
        ("Answer: 1234.5 (rounded to 1 digit)", RIGHT),
        ("The answer is 1,234.5, as 2 + 2 is 4.", RIGHT),
        ("Answer: 1234 + 0.5 = 1234.5", RIGHT),
        (r"So \boxed{1234.5} with 3 steps", RIGHT),
        (r"$\boxed{\frac{2469}{2}}$", RIGHT),
        ("2469/2", RIGHT),
        ("1.2345e3", RIGHT),
        ("1.2345 × 10^3", RIGHT),
        (r"$1.2345 \times 10^{3}$", RIGHT),
        ("1234.5 km2", RIGHT),
        ("1234.5 m^2", RIGHT),
        ("1234.5 m²", RIGHT),
        ("-1234.5", WRONG),
        ("\u22121234.5", WRONG),
        ("1234", WRONG),
        ("It is 1234.5, or 7", WRONG),
        ("About twelve hundred.", NONE),
        ("H2O", NONE),
        ("", NONE),
    ],
)
def test_number(text: str, outcome: Outcome) -> None:
    assert judge_for("number", "1234.5")(text) == outcome


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("3.14", "3,14"),
        ("1234", "1,234"),
        ("1234567", "1.234.567"),
        ("1234567", "1,234,567"),
        ("-5", "It is −5 °C."),
        ("5", "3-5"),
        ("0.75", "3/4"),
        ("-0.75", r"$-\frac{3}{4}$"),
        ("0.3", "0.30000000000000004"),
        ("12", "12%"),
        ("42", "٤٢"),
        ("1,000", "1000"),
        ("1e-3", "0.001"),
        (".5", "0.5"),
        ("2024", "On 3 May 2024."),
    ],
)
def test_numbers_are_written_in_many_ways(expected: str, text: str) -> None:
    assert judge_for("number", expected)(text) == RIGHT


@pytest.mark.parametrize(
    ("tolerance", "text", "outcome"),
    [
        ("0.5", "99.5", RIGHT),
        ("0.5", "100.51", WRONG),
        ("1%", "101", RIGHT),
        ("1 %", "98.9", WRONG),
        ("", "100.01", WRONG),
    ],
)
def test_tolerance_is_absolute_or_relative(tolerance: str, text: str, outcome: Outcome) -> None:
    assert judge_for("number", "100", tolerance)(text) == outcome


@pytest.mark.parametrize(
    "text",
    [
        "B", "b", "(B)", "B.", "**B**", " (b). ", "B) Paris", "(B) Paris", "B. Paris", "B: Paris",
        "The answer is B.", "The answer is (b).", "The correct answer is: **(B) Paris**",
        "**Answer:** B", "Answer: B, because A is too small.", "Answer:\nB",
        r"Therefore $\boxed{B}$", r"\boxed{\text{B}}", "Option B is correct.",
        "the answer is option B", "B is the correct answer.",
        "Let us see. A is in Spain.\n\nB) Paris", "Die Antwort ist B.", "La réponse est (B).",
        "La respuesta es B", "答案是B", "答案:B", "正确答案是 B。", "I choose option B",
    ],
)  # fmt: skip
def test_choice_is_found(text: str) -> None:
    assert judge_for("choice", "B")(text) == RIGHT
    assert judge_for("choice", "c")(text) == WRONG


@pytest.mark.parametrize(
    "text",
    [
        "", "Paris", "A) Lyon\nB) Paris\nC) Nice", "The answer is A or B. Answer: B",
        "Answer: A\nAnswer: B", "A and B", "I think it is a city.", "The answer is a city.",
        "Be careful!", "The answer is not B.", "The answer is Because", "K",
    ],
)  # fmt: skip
def test_text_that_chooses_none_or_several_has_no_answer(text: str) -> None:
    assert judge_for("choice", "B")(text) == NONE


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("def add(a, b):", RIGHT), ("DEF ADD(", RIGHT), ("add()", WRONG), (" ", NONE)],
)
def test_regex(text: str, outcome: Outcome) -> None:
    assert judge_for("regex", r"(?i)\bdef\s+add\(")(text) == outcome


def test_expression_that_would_take_years_ends_unchecked() -> None:
    began = time.monotonic()
    assert judge_for("regex", r"(x+x+)+y")("x" * 5000) == Outcome.UNCHECKED
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("kind", "expected", "tolerance", "sentence"),
    [
        ("guess", "x", "", "there is no check “guess”, only exact, number, choice, regex"),
        ("exact", " ", "", "the check “exact” has no 'expected'"),
        ("exact", "…" * 2001, "", "'expected' has more than 2,000 characters"),
        ("exact", "“.”", "", "a text is expected that has a letter or digit"),
        ("exact", "x", "1", "a tolerance goes with the check “number” only, not with “exact”"),
        ("number", "twelve", "", "a number is expected, not “twelve”"),
        ("number", "1 or 2", "", "a number is expected, not “1 or 2”"),
        ("number", "1/0", "", "a number is expected, not “1/0”"),
        ("number", "1", "some", "a tolerance is a number or a percentage, not “some”"),
        ("number", "1", "-1", "a tolerance is a number or a percentage, not “-1”"),
        ("choice", "Paris", "", "a letter from A to J is expected, not “Paris”"),
        ("regex", "(", "", "“(” is no regular expression: missing ) at position 1"),
        ("regex", "a{1000000000}", "", "its repetitions, multiplied, are more than 1,000"),
        ("regex", "(?:a{100,}){100}", "", "its repetitions, multiplied, are more than 1,000"),
        ("regex", "(?ix)a{1 0 0 0 0}", "", "the flag (?x) is not taken"),
        ("regex", "x" * 501, "", "an expression has at most 500 characters"),
    ],
)
def test_what_cannot_be_checked_is_refused_with_a_sentence(
    kind: str, expected: str, tolerance: str, sentence: str
) -> None:
    with pytest.raises(UnusableError) as refused:
        judge_for(kind, expected, tolerance)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "unit",
    ["9", "1,", "1 234 ", "answer is ", "(B)\n", "\\frac{", " ", "-", "=", "\\boxed{", "{", "* "],
)
def test_long_texts_take_no_time(kind: str, unit: str) -> None:
    judge = judge_for(kind, "1" if kind == "number" else "B")
    began = time.monotonic()
    judge(unit * (200_000 // len(unit)))
    assert time.monotonic() - began < 1
