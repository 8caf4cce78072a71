"""All labels of a battle at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .categories import CATEGORIES, Prompts
from .language import language_of
from .style import style_of

SOURCE = "rules 1"  # increased when the rules change, so that `label_battles` finds stale labels


@dataclass(frozen=True)
class Labels:
    """The labels of one battle's texts.

    Attributes:
        language: ISO 639-1 code; empty when unsure.
        categories: slugs of `CATEGORIES`.
        length: 'short', 'medium' or 'long'; empty when there are no texts.
        style: counts of `style.FEATURES` of all answers of side A, then of B; empty without texts.
        source: where they come from: our rules, a model, or the release with the votes.
    """

    language: str = ""
    categories: tuple[str, ...] = ()
    length: str = ""
    style: tuple[int, ...] = ()
    source: str = SOURCE

    def has(self, category: str) -> bool | None:
        """Whether the prompts are in a category; None if they were never labelled."""
        return category in self.categories if self.length else None


def labels_of(
    prompts: Sequence[str], answers_a: Sequence[str] = (), answers_b: Sequence[str] = ()
) -> Labels:
    """The labels of a battle, from its prompts and the answers of its sides, in their order."""
    if not any(prompt.strip() for prompt in prompts):
        return Labels(style=_style(answers_a, answers_b))
    given = Prompts(prompts)
    return Labels(
        language=language_of("\n".join(prompts)),
        categories=tuple(slug for slug, one in CATEGORIES.items() if one.holds(given)),
        length=length_of(given.characters),
        style=_style(answers_a, answers_b),
    )


def length_of(characters: int) -> str:
    """The length label for the total length of a battle's prompts."""
    if characters < 100:
        return "short"
    return "medium" if characters < 500 else "long"


def _style(answers_a: Sequence[str], answers_b: Sequence[str]) -> tuple[int, ...]:
    if not answers_a or not answers_b:
        return ()
    return (*style_of(answers_a), *style_of(answers_b))
