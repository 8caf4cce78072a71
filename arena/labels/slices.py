"""Slices of a leaderboard: their names in URLs and tallies, and on pages.

Tallies are stored for *kept* slices: overall, a category, a language, a length, a month, and what
voters said of a criterion. A *span* of months is the sum of their tallies, so it needs no pass over
the votes.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena.labels.languages import name_in_words

from .categories import CATEGORIES
from .criteria import CRITERIA

OVERALL = "overall"
FRESH = "fresh"
FRESH_MONTHS = 3  # this month and the two before
WHOLE_NAMES = {
    OVERALL: gettext_lazy("All votes"),
    FRESH: gettext_lazy("Fresh votes (this month and the two before)"),
}
LENGTHS = {
    "short": gettext_lazy("Short prompts (under 100 characters)"),
    "medium": gettext_lazy("Medium prompts (100 to 499 characters)"),
    "long": gettext_lazy("Long prompts (500 characters and more)"),
}
GROUPS = {
    "category": gettext_lazy("Category"),
    "language": gettext_lazy("Language"),
    "length": gettext_lazy("Length"),
    "criterion": gettext_lazy("Criterion"),
    "time": gettext_lazy("Time"),
}
EARLIEST = "2000-01"  # the start of ranges without one
MONTH = r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])"
SPAN = re.compile(rf"months-({MONTH})-({MONTH})")
KEPT = re.compile(
    rf"month-{MONTH}|length-(?:{'|'.join(LENGTHS)})|language-[a-z]{{2,8}}"
    rf"|criterion-(?:{'|'.join(CRITERIA)})"
)


def length_slice(length: str) -> str:
    return f"length-{length}"


def criterion_slice(key: str) -> str:
    return f"criterion-{key}"


def month_slice(at: date | datetime) -> str:
    """The slice of a month, by UTC like all times in the arena."""
    moment = at.astimezone(UTC) if isinstance(at, datetime) else at
    return f"month-{moment:%Y-%m}"


def span_slice(since: str, until: str) -> str:
    """Months as in '2026-03', both included."""
    return f"months-{since}-{until}"


def is_slice(slug: str) -> bool:
    """Whether `slug` is a valid slice, even if it has no votes."""
    return slug in (OVERALL, FRESH) or slug in CATEGORIES or _fits(KEPT, slug) or is_span(slug)


def is_month(text: str) -> bool:
    return re.fullmatch(MONTH, text) is not None


def is_span(slug: str) -> bool:
    """Whether it is a range of months chosen by a reader."""
    match = SPAN.fullmatch(slug)
    return match is not None and match[1] <= match[2]


def _fits(pattern: re.Pattern[str], slug: str) -> bool:
    return pattern.fullmatch(slug) is not None


def bounds_of(slug: str, today: date) -> tuple[str, str] | None:
    """First and last month slice that a span adds up; None for kept slices."""
    if slug == FRESH:
        month = today.year * 12 + today.month - FRESH_MONTHS  # counted from 0
        first = date(month // 12, month % 12 + 1, 1)
        return month_slice(first), month_slice(today)
    match = SPAN.fullmatch(slug)
    return (f"month-{match[1]}", f"month-{match[2]}") if match else None


def group_of(slug: str) -> str:
    """One of `GROUPS`; empty for overall."""
    if slug in CATEGORIES:
        return "category"
    first = slug.partition("-")[0]
    if first in ("language", "length", "criterion"):
        return first
    return "" if slug == OVERALL else "time"


def name_of(slug: str) -> str:
    """Its name on pages."""
    if slug in WHOLE_NAMES:
        return str(WHOLE_NAMES[slug])
    if slug in CATEGORIES:
        return str(CATEGORIES[slug].name)
    if match := SPAN.fullmatch(slug):
        if match[1] == EARLIEST:
            return _("Until %(month)s") % {"month": _month(match[2])}
        months = {"first": _month(match[1]), "last": _month(match[2])}
        return _("%(first)s to %(last)s") % months
    return _name_of_part(*slug.split("-", 1))


def _name_of_part(kind: str, value: str = "") -> str:
    if kind == "month":
        return _month(value)
    if kind == "language":
        return name_in_words(value)
    if kind == "criterion":
        return str(CRITERIA[value].name) if value in CRITERIA else value
    return str(LENGTHS.get(value, value))


def _month(text: str) -> str:
    return date_format(date.fromisoformat(f"{text}-01"), "YEAR_MONTH_FORMAT")
