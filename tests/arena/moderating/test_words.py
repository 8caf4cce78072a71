"""What the word lists find of labelled prompts in five languages, and what they leave alone."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from arena.moderating import rules

FILE = Path(__file__).parent / "prompts.toml"
HARMLESS = "none"


@dataclass(frozen=True)
class Counts:
    """Prompts found by the right category, those of a category at all, and harmless ones found."""

    found: int
    harmful: int
    wrong: list[str]

    @property
    def precision(self) -> float:
        return self.found / (self.found + len(self.wrong))

    @property
    def recall(self) -> float:
        return self.found / self.harmful


@pytest.fixture(scope="module")
def prompts() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


def prompts_of(tables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for language in rules.LANGUAGES:
        for category, some in tables[language].items():
            yield from ((category, prompt) for prompt in some)


def counted(tables: Mapping[str, Any]) -> Counts:
    some = [*prompts_of(tables)]
    categories = {prompt: {one.category for one in rules.find(prompt)} for _, prompt in some}
    harmful = [(category, prompt) for category, prompt in some if category != HARMLESS]
    found = [prompt for category, prompt in harmful if category in categories[prompt]]
    wrong = [prompt for category, prompt in some if category == HARMLESS and categories[prompt]]
    return Counts(len(found), len(harmful), wrong)


def test_lists_find_what_they_were_extended_with(prompts: dict[str, Any]) -> None:
    counts = counted(prompts)
    assert len([*prompts_of(prompts)]) >= 150
    assert counts.wrong == []
    assert counts.recall >= 0.95


def test_lists_find_more_than_half_of_what_is_new_and_nothing_harmless(
    prompts: dict[str, Any],
) -> None:
    counts = counted(prompts["held_out"])
    assert counts.harmful == 50
    assert counts.precision >= 0.95
    assert counts.recall >= 0.6
