"""How many places in battles each organisation's models had, over time.

Only battles with a counted vote are read, and only when a board is published: the number of battles
that are still open would say something about who is in them.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from arena.importing.times import EARLIEST, latest
from arena.models import Campaign, ImportedVote, Vote

from ..facts import Places, Shares
from .vote_facts import MOST_PERIODS, periods, start_of

Days = Counter[tuple[date, str]]  # places, by day and organisation


def of(campaign: Campaign) -> Shares:
    cast = Vote.objects.filter(battle__campaign=campaign, standing=Vote.Standing.COUNTED)
    brought = ImportedVote.objects.counted().filter(source__campaign=campaign)
    places = _places(cast, "created", "battle__") + _places(brought, "at", "")
    if not places:
        return Shares()
    days = [day for day, _ in places]
    span = (max(days) - min(days)).days + 1
    unit = "week" if span <= 7 * MOST_PERIODS else "month"
    by: dict[date, Counter[str]] = {
        start: Counter() for start in periods(min(days), max(days), unit)
    }
    for (day, organisation), number in places.items():
        by[start_of(day, unit)][organisation] += number
    found = (Places(start.isoformat(), dict(sorted(each.items()))) for start, each in by.items())
    return Shares(unit, tuple(found))


def _places(votes: QuerySet[Any], when: str, of_battle: str) -> Days:
    """Votes without a day, or with one that can't be right, are left out."""
    dated = votes.filter(**{f"{when}__gte": EARLIEST, f"{when}__lte": latest()})
    found: Days = Counter()
    for side in ("contestant_a", "contestant_b"):
        organisation = f"{of_battle}{side}__organisation"
        rows = dated.annotate(day=TruncDate(when)).values_list("day", organisation)
        for day, name, number in rows.annotate(number=Count("pk")).order_by():
            found[day, name] += number
    return found
