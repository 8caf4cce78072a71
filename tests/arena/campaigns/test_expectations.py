"""What answers to prompts are checked against: from the file of prompts to the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from arena.campaigns import prompt_sets
from arena.errors import Refused
from arena.models import Campaign, CheckedAnswer, Contestant, ExpectedAnswer, PreparedAnswer

pytestmark = pytest.mark.django_db
FILE = """id,prompt,check,expected,tolerance
sum,What is 17 x 23?,number,391,
area,Area of Lake Constance?,Number,536,1%
capital,Capital of France?,exact,Paris,
quiz,Which?,choice,b,
code,Write add.,regex,"\\bdef\\s+add\\(",
poem,Write a poem.,,,
"""


@pytest.fixture
def campaign() -> Campaign:
    return Campaign.objects.create(slug="ready", name="Ready", kind=Campaign.Kind.PREPARED)


def enter(campaign: Campaign, folder: Path, text: str, name: str = "set.csv") -> int:
    path = folder / name
    path.write_text(text)
    return prompt_sets.enter(campaign, prompt_sets.of_file(path))


def expected() -> dict[str, tuple[str, str, str]]:
    rows = ExpectedAnswer.objects.values_list("prompt__key", "kind", "expected", "tolerance")
    return {key: (kind, text, tolerance) for key, kind, text, tolerance in rows}


def test_file_says_what_is_expected(campaign: Campaign, tmp_path: Path) -> None:
    assert enter(campaign, tmp_path, FILE) == 6
    assert expected() == {
        "sum": ("number", "391", ""),
        "area": ("number", "536", "1%"),
        "capital": ("exact", "Paris", ""),
        "quiz": ("choice", "b", ""),
        "code": ("regex", r"\bdef\s+add\(", ""),
    }


def test_json_may_give_numbers(campaign: Campaign, tmp_path: Path) -> None:
    text = '{"prompt": "What is 0.1 + 0.2?", "check": "number", "expected": 0.3, "tolerance": 0}\n'
    enter(campaign, tmp_path, text, "set.jsonl")
    assert [*expected().values()] == [("number", "0.3", "0")]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("b,Second?,number,twelve,", "Line 3: a number is expected, not “twelve”."),
        ("b,Second?,number,12,a bit", "Line 3: a tolerance is a number or a percentage, not"),
        ("b,Second?,choice,Paris,", "Line 3: a letter from A to J is expected, not “Paris”."),
        ("b,Second?,regex,(,", "Line 3: “(” is no regular expression: missing ) at position 1."),
        ("b,Second?,guess,x,", "Line 3: there is no check “guess”, only exact, number, choice,"),
        ("b,Second?,exact,,", "Line 3: the check “exact” has no 'expected'."),
        ("b,Second?,,Paris,", "Line 3: it has no 'check', which is one of exact, number, choice,"),
    ],
)
def test_row_that_cannot_be_checked_refuses_the_whole_file(
    campaign: Campaign, tmp_path: Path, row: str, sentence: str
) -> None:
    head = "id,prompt,check,expected,tolerance\na,First?,exact,Paris,\n"
    with pytest.raises(Refused) as refused:
        enter(campaign, tmp_path, f"{head}{row}\n")
    assert str(refused.value).startswith(sentence)
    assert str(refused.value).endswith("No prompts were added.")
    assert (campaign.prompts.count(), ExpectedAnswer.objects.count()) == (0, 0)


def test_expectation_that_changes_has_its_answers_checked_anew(
    campaign: Campaign, tmp_path: Path, contestants: list[Contestant]
) -> None:
    enter(campaign, tmp_path, FILE)
    answers = {
        prompt.key: PreparedAnswer.objects.create(
            prompt=prompt, revision=contestants[0].revisions.get(), state="DONE", text="Lyon"
        )
        for prompt in campaign.prompts.all()
    }
    for key in ("capital", "sum"):
        CheckedAnswer.objects.create(answer=answers[key], outcome="WRONG")
    assert enter(campaign, tmp_path, FILE.replace("Paris", "Lyon")) == 0
    assert expected()["capital"] == ("exact", "Lyon", "")
    assert [one.answer for one in CheckedAnswer.objects.all()] == [answers["sum"]]


def test_prompts_that_are_there_can_be_given_a_check(campaign: Campaign, tmp_path: Path) -> None:
    enter(campaign, tmp_path, "id,prompt\ncapital,Capital of France?\n")
    assert enter(campaign, tmp_path, FILE) == 5
    assert expected()["capital"] == ("exact", "Paris", "")
    enter(campaign, tmp_path, "id,prompt\ncapital,Capital of France?\n")
    assert expected()["capital"] == ("exact", "Paris", "")


def test_key_of_another_prompt_is_given_no_check(campaign: Campaign, tmp_path: Path) -> None:
    enter(campaign, tmp_path, "id,prompt\ncapital,Capital of Spain?\n")
    with pytest.raises(Refused, match="“capital” is there with another text"):
        enter(campaign, tmp_path, FILE)
    assert (campaign.prompts.count(), ExpectedAnswer.objects.count()) == (1, 0)


def test_staff_see_what_is_expected(
    campaign: Campaign, tmp_path: Path, admin_client: Client
) -> None:
    enter(campaign, tmp_path, FILE)
    listed = admin_client.get("/admin/arena/prompt/").content.decode()
    assert "number: 536 ± 1%" in listed
    found = campaign.prompts.get(key="capital")
    assert (
        "exact: Paris"
        in admin_client.get(f"/admin/arena/prompt/{found.pk}/change/").content.decode()
    )
    only = admin_client.get("/admin/arena/prompt/?expected__kind=choice").content.decode()
    assert "quiz" in only
    assert "area" not in only
