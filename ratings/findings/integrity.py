"""Votes that do not count: how many, why, and who was wrongly suspected. As of a publication
(`refreshing.integrity`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena.counting import reasons
from arena.models import Vote
from arena.plurals import counted, percent

from ..charts import Column, Columns, Figure
from ..facts import Integrity, Places
from .periods import UNITS

NAMED = 5  # reasons with a colour of their own
NAMES: dict[str, Promise] = {
    reasons.IDENTITY: gettext_lazy("identity revealed"),
    reasons.DUPLICATE: gettext_lazy("duplicate"),
    reasons.BY_REQUEST: gettext_lazy("at the voter’s request"),
    reasons.FIRST_PAIR: gettext_lazy("first pair of its campaign"),
    reasons.NAMED: gettext_lazy("an answer names its model or maker"),
    reasons.KNOWN: gettext_lazy("the voter knew who wrote a text"),
    reasons.SUSPECTED: gettext_lazy("suspected of rigging"),
    reasons.RIGGED: gettext_lazy("rigging"),
}
UNKNOWN = gettext_lazy("Nothing has been published about it yet.")
BECAME: dict[str, Promise] = {
    Vote.Standing.PENDING: gettext_lazy("held"),
    Vote.Standing.EXCLUDED: gettext_lazy("left out"),
    Vote.Standing.COUNTED: gettext_lazy("counted again"),
}


class Entry(NamedTuple):
    """A line of the log."""

    day: date
    votes: str
    became: str
    reason: str


def name_of(reason: str) -> str:
    return str(NAMES.get(reason, reason)) or _("no reason given")


def entries(found: Integrity | None) -> Iterator[Entry]:
    for day, after, reason, votes in found.log if found else ():
        became = str(BECAME.get(after, after))
        why = name_of(reason) if reason else ""
        yield Entry(date.fromisoformat(day), counted(votes, "vote"), became, why)


def by_reason(found: Integrity) -> list[str]:
    """How many votes do not count, most first."""
    total: Counter[str] = Counter()
    for month in found.months:
        total.update(month.by)
    return [
        f"{name_of(reason)} ({counted(votes, 'vote')})" for reason, votes in total.most_common()
    ]


def suspicions(found: Integrity | None) -> str:
    """How often the desk was wrong, as far as moderators have judged, or it noticed itself."""
    if found is None:
        return str(UNKNOWN)
    if not found.held:
        return _("No vote has been held as suspected so far.")
    judged = found.cleared + found.convicted
    said = _("Held as suspected so far: %(votes)s, of which %(judged)s have been judged.") % {
        "votes": counted(found.held, "vote"),
        "judged": judged,
    }
    if not judged:
        return said
    wrong = _("%(share)s of these were held wrongly, and count again.")
    return f"{said} {wrong % {'share': percent(f'{100 * found.cleared / judged:.0f}')}}"


def figure(found: Integrity | None, votes: int) -> Figure:
    """`votes`: how many count."""
    months = found.months if found else ()
    total: Counter[str] = Counter()
    for month in months:
        total.update(month.by)
    names = [reason for reason, _votes in total.most_common(NAMED)]
    unit = UNITS["month"]
    return Figure(
        "by-month",
        _title(total.total(), votes),
        _("Votes cast here that do not count, by reason and the month they were cast in."),
        (str(unit.beginning), _("Reason"), _("Votes")),
        [(month.start, name_of(why), n) for month in months for why, n in month.by.items()],
        "columns",
        _drawn(months, names) if months else None,
        absent=_("All votes that were cast here count.") if found else str(UNKNOWN),
    )


def _title(left_out: int, votes: int) -> str:
    if not left_out:
        return _("No vote is left out.")
    return _("%(left)s left out, %(votes)s counted.") % {
        "left": counted(left_out, "vote"),
        "votes": counted(votes, "vote"),
    }


def _drawn(months: Sequence[Places], names: Sequence[str]) -> Columns:
    others = len({name for month in months for name in month.by}) > len(names)
    keys = [*map(name_of, names), *([_("others")] if others else [])]
    return Columns.draw([_column(month, names) for month in months], _("Votes"), keys)


def _column(month: Places, names: Sequence[str]) -> Column:
    unit, day = UNITS["month"], date.fromisoformat(month.start)
    parts = [month.by.get(name, 0) for name in names]
    parts.append(sum(month.by.values()) - sum(parts))
    told = [f"{name_of(name)} {votes}" for name, votes in sorted(month.by.items())]
    said = f"{unit.name_of(day)}: {', '.join(told)}"
    return Column(unit.brief_name_of(day), parts, said)
