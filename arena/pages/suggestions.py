"""The prompts that the start page suggests: one of each category, in the visitor's language."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import groupby

from django.utils.translation import get_language

from ..models import PromptSuggestion

OTHERWISE = "en"  # where there are none in the visitor's language


def suggestions(turn: int) -> list[PromptSuggestion]:
    """Each turn exchanges all of them, until those of a category have all been shown."""
    kept = PromptSuggestion.objects.filter(archived=False)
    language = get_language() or OTHERWISE
    offered = list(kept.filter(language=language) or kept.filter(language=OTHERWISE))
    by_category = {name: list(group) for name, group in groupby(offered, _category)}
    categories = [category for category in PromptSuggestion.Category if category in by_category]
    return [_at(turn, by_category[category]) for category in categories]


def turn_of(asked: str) -> int:
    """By chance unless asked for, so that no prompt has more than its share of the battles."""
    return int(asked) if asked.isdecimal() and len(asked) < 10 else random.randrange(1_000)


def _category(suggestion: PromptSuggestion) -> str:
    return suggestion.category


def _at(turn: int, group: Iterable[PromptSuggestion]) -> PromptSuggestion:
    these = list(group)
    return these[turn % len(these)]
