"""Votes that do not count, and the decisions about them: computed with a publication, as everything
that tells of single votes."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate, TruncMonth

from arena.counting.reasons import SUSPECTED
from arena.models import Campaign, StandingChange, Vote

from ..facts import Decision, Integrity, Places

MOST_DECISIONS = 200  # the newest
Standing = Vote.Standing


def of(campaign: Campaign) -> Integrity:
    suspected = Q(changes__after=Standing.PENDING, changes__reason=SUSPECTED)
    held = Vote.objects.filter(suspected, battle__campaign=campaign).distinct()
    now = Counter(held.values_list("standing", flat=True))
    return Integrity(
        _months(campaign),
        _log(campaign),
        held=now.total(),
        cleared=now[Standing.COUNTED],
        convicted=now[Standing.EXCLUDED],
    )


def _months(campaign: Campaign) -> tuple[Places, ...]:
    left_out = Vote.objects.filter(~Q(standing=Standing.COUNTED), battle__campaign=campaign)
    by: dict[date, dict[str, int]] = {}
    months = left_out.annotate(month=TruncMonth("created")).order_by()
    rows = months.values_list("month", "standing_reason").annotate(votes=Count("pk"))
    for month, reason, votes in rows:
        by.setdefault(month.date(), {})[reason] = votes
    return tuple(
        Places(f"{month:%Y-%m-%d}", dict(sorted(by[month].items()))) for month in sorted(by)
    )


def _log(campaign: Campaign) -> tuple[Decision, ...]:
    changes = StandingChange.objects.filter(~Q(before=F("after")), vote__battle__campaign=campaign)
    by_day = changes.annotate(day=TruncDate("at")).values_list("day", "after", "reason")
    rows = by_day.annotate(votes=Count("pk")).order_by("-day", "after", "reason")
    return tuple(Decision(day.isoformat(), *rest) for day, *rest in rows[:MOST_DECISIONS])
