"""Days, weeks and months in sentences and charts about when votes were cast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy, ngettext

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True)
class Unit:
    """What a sentence and a chart call a period."""

    here_and_imported: StrPromise  # what is drawn
    measure: StrPromise
    beginning: StrPromise  # of a column
    all_in_one: StrPromise
    busiest: Callable[[int], str]
    written: str  # formats (`config.formats`)
    brief: str
    name: StrPromise | None = None  # otherwise the date itself

    def name_of(self, start: date) -> str:
        written = date_format(start, self.written)
        return self.name % {"date": written} if self.name else written

    def brief_name_of(self, start: date) -> str:
        return date_format(start, self.brief)


UNITS = {
    "day": Unit(
        here_and_imported=gettext_lazy("Votes in each day, by UTC: cast here, and imported."),
        measure=gettext_lazy("Votes in each day, by UTC."),
        beginning=gettext_lazy("Day beginning"),
        all_in_one=gettext_lazy("All votes were cast in one day: %(votes)s."),
        busiest=lambda n: ngettext(
            "%(votes)s votes in %(periods)s day; the busiest, %(period)s, has %(share)s of them.",
            "%(votes)s votes in %(periods)s days; the busiest, %(period)s, has %(share)s of them.",
            n,
        ),
        written="BRIEF_DATE",
        brief="SHORTEST_DATE",
    ),
    "week": Unit(
        here_and_imported=gettext_lazy("Votes in each week, by UTC: cast here, and imported."),
        measure=gettext_lazy("Votes in each week, by UTC."),
        beginning=gettext_lazy("Week beginning"),
        all_in_one=gettext_lazy("All votes were cast in one week: %(votes)s."),
        busiest=lambda n: ngettext(
            "%(votes)s votes in %(periods)s week; the busiest, %(period)s, has %(share)s of them.",
            "%(votes)s votes in %(periods)s weeks; the busiest, %(period)s, has %(share)s of them.",
            n,
        ),
        written="BRIEF_DATE",
        brief="SHORTEST_DATE",
        name=gettext_lazy("the week of %(date)s"),
    ),
    "month": Unit(
        here_and_imported=gettext_lazy("Votes in each month, by UTC: cast here, and imported."),
        measure=gettext_lazy("Votes in each month, by UTC."),
        beginning=gettext_lazy("Month beginning"),
        all_in_one=gettext_lazy("All votes were cast in one month: %(votes)s."),
        busiest=lambda n: ngettext(
            "%(votes)s votes in %(periods)s month; the busiest, %(period)s, has %(share)s of them.",
            "%(votes)s votes in %(periods)s months; the busiest, %(period)s, has %(share)s of "
            "them.",
            n,
        ),
        written="YEAR_MONTH_FORMAT",
        brief="BRIEF_MONTH",
    ),
}
