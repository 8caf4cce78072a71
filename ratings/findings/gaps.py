"""The best open model minus the best closed one over time: by date of release, and as it was
published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from arena.labels.slices import OVERALL
from arena.models import Campaign
from arena.plurals import local

from ..archive.results import Result
from ..charts import Figure, Stage, Steps
from ..core.questions.compare import simultaneous_gaps
from ..models import Snapshot
from ..presentation import sentences
from ..presentation.lines import Line

T = TypeVar("T")
MOST_STAGES = 120


@dataclass(frozen=True)
class Lead:
    """The leaders of both kinds from a moment on, and the gap between them."""

    since: datetime | date
    open: str
    closed: str
    gap: float
    lower: float
    upper: float
    is_exact: bool = True  # otherwise the widest interval possible

    @property
    def interval(self) -> sentences.Gap:
        return self.gap, self.lower, self.upper

    def stage(self) -> Stage:
        at = float(self.since.toordinal())
        if isinstance(self.since, datetime):
            at += (self.since.hour + self.since.minute / 60) / 24
        gap, low, high = (sentences.points(n) for n in self.interval)
        says = _("%(date)s: %(open)s against %(closed)s, %(gap)s (%(low)s to %(high)s)") % {
            "date": date_format(self.since, "BRIEF_DATE"),
            "open": self.open,
            "closed": self.closed,
            "gap": gap,
            "low": low,
            "high": high,
        }
        return Stage(at, *self.interval, says)

    def row(self) -> tuple[str, ...]:
        numbers = (local(f"{n:.1f}") for n in self.interval)
        return (f"{self.since:%Y-%m-%d}", self.open, self.closed, *numbers)


def by_release(rated: Sequence[Line], result: Result) -> Figure:
    """Today's scores, at each date only of models that were released by then."""
    leads = list(leads_by_release(rated, result))
    days = [day for line in rated if (day := line.contestant.release_date)]
    return figure(
        "gap-by-release",
        leads,
        float(max(days).toordinal()) if days else 0.0,
        _(
            "Score of the best open model released by each date minus that of the best closed one; "
            "band: 95% interval that holds for all pairs at once; grey line: equal."
        ),
        absent=_("This needs a rated open and a rated closed model with different release dates."),
        note=" ".join(
            filter(None, (_("All with today’s scores."), left_out(rated), bounds(leads)))
        ),
        among_dated=lacks_a_leader(rated),
    )


def lacks_a_leader(rated: Sequence[Line]) -> bool:
    """Whether the best open or closed model has no known release date; `rated` is best first."""
    leaders: dict[bool | None, Line] = {}
    for line in rated:
        leaders.setdefault(line.contestant.is_open, line)
    return not all(line.contestant.release_date for line in leaders.values())


def left_out(rated: Sequence[Line]) -> str:
    """Models that might have led, had their dates been known."""
    names = [line.contestant.name for line in rated if not line.contestant.release_date]
    if not names:
        return ""
    return _("Left out because their release dates are not known: %(models)s.") % {
        "models": sentences.listed(sentences.more(names, 2))
    }


def bounds(leads: Sequence[Lead]) -> str:
    return "" if all(lead.is_exact for lead in leads) else str(sentences.WIDEST)


def leads_by_release(rated: Sequence[Line], result: Result) -> Iterator[Lead]:
    best: dict[bool | None, Line] = {}
    days: dict[date, list[Line]] = {}
    for line in rated:
        if day := line.contestant.release_date:
            days.setdefault(day, []).append(line)
    for day in sorted(days):
        before = dict(best)
        for line in days[day]:
            kind = line.contestant.is_open
            if kind not in best or (line.rating.score or 0) > (best[kind].rating.score or 0):
                best[kind] = line
        if len(best) == 2 and best != before:
            yield lead(day, best[True], best[False], result)


def lead(day: date, ours: Line, theirs: Line, result: Result) -> Lead:
    a, b = (result.number_at(line.rating.position) for line in (ours, theirs))
    gaps = simultaneous_gaps(result.ratings, a, b)
    return Lead(
        since=day,
        open=ours.contestant.name,
        closed=theirs.contestant.name,
        gap=float(gaps.gap[0, 0]),
        lower=float(gaps.lower[0, 0]),
        upper=float(gaps.upper[0, 0]),
        is_exact=result.ratings.is_exact(a, b),
    )


def by_publication(campaign: Campaign) -> Figure:
    """The gap as it was published."""
    leads = published(campaign)
    return figure(
        "gap-by-publication",
        leads,
        leads[-1].stage().since if leads else 0.0,
        _(
            "Score of the best open model minus that of the best closed one, in each published "
            "snapshot; band: 95% interval of the gap between these two; grey line: equal."
        ),
        absent=_("This needs two publications with an open and a closed model."),
    )


def published(campaign: Campaign) -> list[Lead]:
    """Leads of the publications, thinned evenly if they are too many to draw; always the newest."""
    of_it = Snapshot.objects.filter(board__campaign=campaign, board__slug=OVERALL)
    found = of_it.filter(published__isnull=False, facts__has_key="gap").order_by("pk")
    names = ("open_name", "closed_name", "gap", "gap_lower", "gap_upper")
    rows = list(found.values_list("created", *(f"facts__{name}" for name in names)))
    return [Lead(*row) for row in thinned(rows, MOST_STAGES)]


def thinned(rows: Sequence[T], most: int) -> Sequence[T]:
    """At most this many rows, evenly spaced, and always the last."""
    every = -(-len(rows) // most) or 1
    return rows[::-1][::every][::-1]


def figure(
    name: str,
    leads: Sequence[Lead],
    until: float,
    subtitle: str,
    absent: str,
    note: str = "",
    among_dated: bool = False,
) -> Figure:
    drawn = len(leads) > 1
    title = _("The gap between open and closed models over time is not known yet.")
    if drawn:
        first, last = leads[0], leads[-1]
        words = [date_format(one.since, "YEAR_MONTH_FORMAT") for one in (first, last)]
        if words[0] == words[1]:
            words = [date_format(one.since, "BRIEF_DAYTIME") for one in (first, last)]
        title = sentences.of_course(first.interval, last.interval, *words, among_dated=among_dated)
    return Figure(
        name,
        title,
        subtitle,
        (_("Since"), _("Best open"), _("Best closed"), _("Gap"), _("Lower"), _("Upper")),
        [one.row() for one in leads],
        "steps",
        Steps.draw([one.stage() for one in leads], until, _("Points, open minus closed"))
        if drawn
        else None,
        absent=absent,
        note=note,
    )
