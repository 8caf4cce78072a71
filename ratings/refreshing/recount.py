"""Do the running tallies equal a recount of the votes? They always should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Sum

from arena.counting.tallies import Counts, Key, recounted
from arena.models import Campaign, Tally

NONE = (0, 0, 0, 0)


@dataclass(frozen=True)
class Difference:
    """A count that differs from the recount."""

    slice: str
    first: int
    second: int
    column: str
    tallied: int
    recounted: int


def differences(campaign: Campaign) -> list[Difference] | None:
    """The differences in all slices; None if votes were imported as tallies, which cannot be
    recounted."""
    if came_summed_up(campaign):
        return None
    kept, counted = tallies_of(campaign), recounted(campaign.pk)
    return [
        Difference(*key, column, was, should_be)
        for key in sorted({*kept, *counted})
        for column, was, should_be in zip(
            Tally.COUNTS, kept.get(key, NONE), counted.get(key, NONE), strict=True
        )
        if was != should_be
    ]


def came_summed_up(campaign: Campaign) -> bool:
    sources = campaign.imports.counted()
    whole = sources.aggregate(votes=Sum("votes"))["votes"] or 0
    return whole > sum(source.single_votes.count() for source in sources)


def tallies_of(campaign: Campaign) -> Mapping[Key, Counts]:
    rows = Tally.objects.filter(campaign=campaign).values_list(
        "slice", "first_id", "second_id", *Tally.COUNTS
    )
    return {(part, first, second): counts for part, first, second, *counts in rows}
