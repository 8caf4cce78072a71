"""How prompts begin, for lists of battles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models.functions import Left

from ..models import Turn

CHARACTERS = 90


def of(battles: Iterable[int]) -> Mapping[int, str]:
    """The beginning of the first prompt of each of these battles."""
    first = Turn.objects.filter(battle__in=[*battles], number=1)
    found = first.values_list("battle", Left("prompt", CHARACTERS + 1)).order_by()
    return {battle: shortened(" ".join(text.split())) for battle, text in found}


def shortened(text: str, characters: int = CHARACTERS) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
