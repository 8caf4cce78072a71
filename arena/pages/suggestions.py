"""The prompts that the start page suggests: one of each category, in the visitor's language."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import groupby

from django.db.models import QuerySet
from django.utils.translation import get_language

from ..models import Campaign, PromptSuggestion

Offered = QuerySet[PromptSuggestion]
OTHERWISE = "en"  # where there are none in the visitor's language


def suggestions(front: Campaign, turn: int) -> list[PromptSuggestion]:
    """Each turn exchanges all of them, until those of a category have all been shown."""
    kept = _in_languages(PromptSuggestion.objects.filter(archived=False, campaign=None), front)
    language = get_language() or OTHERWISE
    offered = kept.filter(language=language) or kept.filter(language=OTHERWISE)
    return _chosen(list(offered or (kept if front.languages else ())), turn)


def _chosen(offered: list[PromptSuggestion], turn: int) -> list[PromptSuggestion]:
    """One of each category."""
    offered = sorted(offered, key=_category)  # stable: within a category their order stays
    by_category = {name: list(group) for name, group in groupby(offered, _category)}
    categories = [category for category in PromptSuggestion.Category if category in by_category]
    return [_at(turn, by_category[category]) for category in categories]


def of_campaign(campaign: Campaign, turn: int) -> list[PromptSuggestion]:
    """Of its own: in the visitor's language if it has such, of its languages if it names any."""
    offered = _in_languages(campaign.suggestions.filter(archived=False), campaign)
    own = offered.filter(language=get_language() or OTHERWISE)
    return _chosen(list(own or offered), turn)


def _in_languages(offered: Offered, campaign: Campaign) -> Offered:
    codes = campaign.language_codes
    return offered.filter(language__in=codes) if codes else offered


def turn_of(asked: str) -> int:
    """By chance unless asked for, so that no prompt has more than its share of the battles."""
    return int(asked) if asked.isdecimal() and len(asked) < 10 else random.randrange(1_000)


def _category(suggestion: PromptSuggestion) -> str:
    return suggestion.category


def _at(turn: int, group: Iterable[PromptSuggestion]) -> PromptSuggestion:
    these = list(group)
    return these[turn % len(these)]
