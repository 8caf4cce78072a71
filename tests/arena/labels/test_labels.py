from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
from datetime import date

import pytest

from arena.labels import labels_of, slices
from arena.labels.style import style_of
from ratings.core.data.covariates import count_style

MARKDOWN = "# Title\n\n- one\n- **two**\n\n\n3. three\n```\n# no header\n```\nthe end"


def test_labels_hold_all_of_a_battle() -> None:
    found = labels_of(["Write a haiku about rain.", "Now in German."], [MARKDOWN, "yes"], ["no"])
    assert found.language == "en"
    assert found.categories == ("creative-writing", "multi-turn")
    assert found.length == "short"
    assert found.style == (16, 1, 3, 1, 1, 0, 0, 0)
    assert found.source == "rules 1"


@pytest.mark.parametrize(
    ("characters", "length"), [(99, "short"), (100, "medium"), (499, "medium"), (500, "long")]
)
def test_length_is_of_all_prompts_together(characters: int, length: str) -> None:
    assert labels_of(["a" * 50, "b" * (characters - 50)]).length == length


def test_longer_begins_at_two_thousand_characters() -> None:
    assert "longer" in labels_of(["word " * 400]).categories
    assert "longer" not in labels_of(["word " * 399]).categories


def test_style_is_counted_as_the_core_counts_it() -> None:
    for text in (MARKDOWN, "", "plain", "\n \n * a\n  1) b\n__c__", "```\n- open"):
        assert style_of([text]) == [*count_style(text)]


def test_hostile_text_costs_little() -> None:
    hostile = ("write " * 9000, "\n " * 20000, "select " * 9000, "<" * 40000, "a **b" * 9000)
    for text in hostile:
        began = time.process_time()
        labels_of([text], [text], [text])
        assert time.process_time() - began < 0.5, text[:10]


def test_language_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert labels_of(["Où est la bibliothèque ?"]).language == "fr"


def test_language_says_nothing() -> None:
    """In a fresh process, as any output would come when the model loads."""
    code = "from arena.labels import labels_of; labels_of(['Guten Morgen, ' * 200])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_language_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        labels_of(["Guten Morgen, " * 200])
    assert caplog.records == []


def test_fresh_is_this_month_and_the_two_before() -> None:
    assert slices.bounds_of("fresh", date(2027, 1, 15)) == ("month-2026-11", "month-2027-01")
    assert slices.bounds_of("fresh", date(2026, 12, 1)) == ("month-2026-10", "month-2026-12")
    span = slices.span_slice("2026-03", "2026-08")
    assert slices.bounds_of(span, date(2027, 1, 15)) == ("month-2026-03", "month-2026-08")
    assert slices.bounds_of("coding", date(2027, 1, 15)) is None


@pytest.mark.parametrize(
    ("slug", "group", "name"),
    [
        ("overall", "", "All votes"),
        ("maths", "category", "Maths"),
        ("language-de", "language", "German"),
        ("length-long", "length", "Long prompts (500 characters and more)"),
        ("criterion-follows-instructions", "criterion", "Following instructions"),
        ("month-2026-11", "time", "November 2026"),
        ("months-2026-03-2026-08", "time", "March 2026 to August 2026"),
    ],
)
def test_slice_has_a_group_and_a_name(slug: str, group: str, name: str) -> None:
    assert slices.is_slice(slug)
    assert (slices.group_of(slug), slices.name_of(slug)) == (group, name)


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "nonsense",
        "month-2026-13",
        "months-2026-08-2026-03",
        "language-",
        "length-x",
        "criterion-x",
    ],
)
def test_what_is_no_slice_is_known(slug: str) -> None:
    assert not slices.is_slice(slug)
