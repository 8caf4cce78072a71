"""Do the running tallies equal a recount of the votes? They always should."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Sum

from arena.models import Campaign, Tally, Verdict

from .replay import votes_in_order

COLUMNS = ("first_wins", "second_wins", "ties", "both_bad")
Counts = Counter[tuple[int, int, str]]  # first, second, column


@dataclass(frozen=True)
class Difference:
    """A count that is not what a recount gives."""

    first: int
    second: int
    column: str
    tallied: int
    recounted: int


def differences(campaign: Campaign) -> list[Difference] | None:
    """None when votes came in summed up: then there is nothing to count again."""
    if came_summed_up(campaign):
        return None
    tallied, recounted = tallies_of(campaign), recount(campaign)
    cells = sorted({*tallied, *recounted})
    return [
        Difference(*cell, tallied[cell], recounted[cell])
        for cell in cells
        if tallied[cell] != recounted[cell]
    ]


def came_summed_up(campaign: Campaign) -> bool:
    whole = campaign.imports.aggregate(votes=Sum("votes"))["votes"] or 0
    return whole > sum(source.single_votes.count() for source in campaign.imports.all())


def tallies_of(campaign: Campaign) -> Counts:
    counts: Counts = Counter()
    for first, second, *values in Tally.objects.filter(campaign=campaign).values_list(
        "first_id", "second_id", *COLUMNS
    ):
        for column, value in zip(COLUMNS, values, strict=True):
            counts[first, second, column] = value
    return counts


def recount(campaign: Campaign) -> Counts:
    counts: Counts = Counter()
    for left, right, verdict in votes_in_order(campaign):
        first, second = sorted((left, right))
        winner = {Verdict.A: left, Verdict.B: right}.get(Verdict(verdict))
        if winner is not None:
            column = "first_wins" if winner == first else "second_wins"
        else:
            column = "ties" if verdict == Verdict.TIE else "both_bad"
        counts[first, second, column] += 1
    return counts
