"""Battles in which an answer names its model, or a prompt asks for it, in the admin's lists."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from ..models import Disclosure

FLAGS = {"named": "an answer that names its model", "asked": "a prompt that asks for it"}
WHICH = {"named": Q(by_a=True) | Q(by_b=True), "asked": Q(asked=True)}


def having(flag: str) -> QuerySet[Disclosure, int]:
    return Disclosure.objects.filter(WHICH[flag]).values_list("battle", flat=True)


def of(battles: Iterable[int]) -> dict[int, str]:
    """The marks of these battles, in words; those without one are left out."""
    return {one.pk: in_words(one) for one in Disclosure.objects.filter(pk__in=list(battles))}


def in_words(disclosure: Disclosure) -> str:
    sides = [side for side, says in (("A", disclosure.by_a), ("B", disclosure.by_b)) if says]
    said = [f"{' and '.join(sides)} named"] if sides else []
    return ", ".join([*said, *(["asked who it is"] if disclosure.asked else [])])
