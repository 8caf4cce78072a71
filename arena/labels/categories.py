"""Categories of prompts. A category is one function that says whether prompts belong to it; a new
slice of the leaderboard needs nothing else.

They are rules, not judgement: they look at words and patterns, in the languages of
`data/words.toml`. Their accuracy is tested on a labelled set (tests/arena/labels/prompts.toml).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from .words import follows, found, score

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

READ = 10_000  # characters that the rules look at
LONGER = 2_000  # characters: about 500 tokens of English
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# The lookbehind avoids quadratic time on a long run of punctuation.
SENTENCE = re.compile(r"(?<![.?!;:\n])[.?!;:\n]+\s+|[。？！；]+")


@dataclass(frozen=True)
class Prompts:
    """All prompts of a battle, in order."""

    texts: Sequence[str]

    @cached_property
    def text(self) -> str:
        """The first `READ` characters, in lower case."""
        return "\n".join(self.texts)[:READ].casefold()

    @property
    def characters(self) -> int:
        return sum(map(len, self.texts))


Rule = Callable[[Prompts], bool]


@dataclass(frozen=True)
class Category:
    """`slug` names it in URLs, `name` on pages."""

    slug: str
    name: StrPromise
    holds: Rule


CATEGORIES: dict[str, Category] = {}


def category(name: StrPromise) -> Callable[[Rule], Rule]:
    """Register a rule as a category, whose slug is the function's name."""

    def enter(rule: Rule) -> Rule:
        slug = rule.__name__.replace("_", "-")
        CATEGORIES[slug] = Category(slug, name, rule)
        return rule

    return enter


@category(_("Coding"))
def coding(prompts: Prompts) -> bool:
    return score("coding", prompts.text) >= 2


@category(_("Maths"))
def maths(prompts: Prompts) -> bool:
    if score("maths", prompts.text) >= 2:
        return True
    # A word problem: it asks for a number and contains at least two.
    asks = found("maths", "asks", prompts.text)
    return bool(asks) and len(NUMBER.findall(prompts.text)) >= 2 and not coding(prompts)


@category(_("Creative writing"))
def creative_writing(prompts: Prompts) -> bool:
    text = prompts.text
    asked = follows("creative-writing", ("verbs", "pieces"), text, within=60)
    return asked or score("creative-writing", text) >= 2


@category(_("Instruction following"))
def instruction_following(prompts: Prompts) -> bool:
    """Prompts that constrain the answer: one strict rule, or two loose ones."""
    return score("instruction-following", prompts.text) >= 2


@category(_("Hard prompts"))
def hard(prompts: Prompts) -> bool:
    """Prompts with at least three signs of a difficult problem."""
    text = prompts.text
    signs = (
        len(text) >= 300,
        len(SENTENCE.split(text)) >= 5,
        len(set(NUMBER.findall(text))) >= 3,
        score("instruction-following", text) >= 2,
        coding(prompts) or maths(prompts),
        score("hard", text) >= 2,
    )
    return sum(signs) >= 3


@category(_("Longer prompts"))
def longer(prompts: Prompts) -> bool:
    return prompts.characters >= LONGER


@category(_("Multi-turn"))
def multi_turn(prompts: Prompts) -> bool:
    return len(prompts.texts) > 1
