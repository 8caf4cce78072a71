"""Which prompts are surely in a language that a campaign does not take."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from arena.labels.foreign import can_tell, foreign_language

pytestmark = pytest.mark.fast
PROMPTS = tomllib.loads((Path(__file__).parent / "prompts.toml").read_text())["prompts"]
PROMPTS = [each for each in PROMPTS if each.get("language")]
ENGLISH_TEXT = "The weather is nice today and I would like to go for a walk in the park."


def test_no_prompt_is_foreign_to_its_own_language() -> None:
    wrong = [p["text"] for p in PROMPTS if foreign_language(p["text"], [p["language"]])]
    assert wrong == []


def test_most_prompts_of_other_languages_are_told() -> None:
    others = [p for p in PROMPTS if p["language"] not in ("de", "fr")]
    told = [p for p in others if foreign_language(p["text"], ["de", "fr"])]
    assert len(told) / len(others) > 0.8
    assert all(foreign_language(p["text"], ["de", "fr"]) == p["language"] for p in told)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Hi", ["de"]),  # too short
        ("What is a fox?", ["de"]),
        ("Summarise the plot of Les Misérables", ["de"]),  # unclear
        ("2 + 2 = 4 " * 30, ["de"]),
        ("```\nwhile the weather is nice: go for a walk\n```", ["de"]),  # code
        (f"Übersetze: {ENGLISH_TEXT}", ["de"]),  # a part is in it
        (f"{ENGLISH_TEXT} Schreibe das bitte um.", ["de"]),
        ("Hvad er klokken nu i København?", ["no"]),  # Danish, hardly told apart
        ("Opišite svoj omiljeni film u tri rečenice, molim vas.", ["sr"]),
        ("请用三句话介绍一下你自己最喜欢的电影。", ["zh-hans"]),
        (ENGLISH_TEXT, []),  # any language
        (ENGLISH_TEXT, ["haw"]),  # not recognised
    ],
)
def test_prompt_in_doubt_is_taken(text: str, wanted: list[str]) -> None:
    assert foreign_language(text, wanted) == ""


@pytest.mark.parametrize(
    ("text", "wanted", "language"),
    [
        (ENGLISH_TEXT, ["de", "pt-br"], "en"),
        ("Warum ist der Himmel blau?", ["en"], "de"),
        ("请介绍一下自己", ["en"], "zh"),
        ("Write a poem about Berlin", ["fr"], "en"),
    ],
)
def test_foreign_prompt_is_told_with_its_language(
    text: str, wanted: list[str], language: str
) -> None:
    assert foreign_language(text, wanted) == language
    assert can_tell(wanted)
