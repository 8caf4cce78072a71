"""Whose models are in the battles, over time: computed for the newest publication
(`refreshing.shares`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from arena import plurals
from arena.plurals import counted

from ..charts import Column, Columns, Figure
from ..facts import Places, Shares
from ..presentation.sentences import percent
from .periods import UNITS, Unit
from .vote_figures import COUNTED

NAMED = 5  # organisations with a colour of their own


class Row(NamedTuple):
    """An organisation in a period: `share` of all places, from 0 to 1."""

    start: str
    organisation: str
    places: int
    share: float


def rows_of(shares: Shares) -> Iterator[Row]:
    """Those with places, by period, the most first."""
    for start, by in shares.periods:
        total = sum(by.values())
        for name, places in sorted(by.items(), key=lambda one: (-one[1], one[0])):
            yield Row(start, name, places, places / total)


def figure(shares: Shares) -> Figure:
    total: Counter[str] = Counter()
    for each in shares.periods:
        total.update(each.by)
    unit, every = UNITS[shares.unit], total.total()
    first = total.most_common(1)
    title = _("No vote that was cast or imported has a date yet.")
    if first:
        title = _("%(organisation)s’s models took %(share)s of all places in battles.") % {
            "organisation": first[0][0],
            "share": percent(first[0][1] / every),
        }
    return Figure(
        "over-time",
        title,
        _("Share of places in battles that got a vote, two per vote, by organisation and time."),
        (str(unit.beginning), _("Organisation"), _("Share"), _("Places")),
        [
            (row.start, row.organisation, plurals.percent(f"{100 * row.share:.1f}"), row.places)
            for row in rows_of(shares)
        ],
        "columns",
        _drawn(shares.periods, unit, [name for name, _places in total.most_common(NAMED)])
        if first
        else None,
        absent=_("Votes aggregated per pair have no dates."),
        note=str(COUNTED),
    )


def _drawn(periods: Sequence[Places], unit: Unit, names: Sequence[str]) -> Columns:
    others = len({name for each in periods for name in each.by}) > len(names)
    keys = [*names, _("others")] if others else names
    return Columns.draw([_column(each, unit, names) for each in periods], _("Per cent"), keys)


def _column(places: Places, unit: Unit, names: Sequence[str]) -> Column:
    day, total = date.fromisoformat(places.start), sum(places.by.values())
    parts = [100 * places.by.get(name, 0) / (total or 1) for name in names]
    parts.append(max(100.0 - sum(parts), 0.0) if total else 0.0)
    told = [
        f"{name} {plurals.percent(f'{share:.0f}')}"
        for name, share in zip(names, parts, strict=False)  # the last part is the others'
        if share
    ]
    said = _("%(period)s: %(votes)s") % {
        "period": unit.name_of(day),
        "votes": counted(total // 2, "vote"),
    }
    return Column(unit.brief_name_of(day), parts, "; ".join([said, *told]))
