"""What voters say of each model, beside what they say of all (`refreshing.reasons`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from arena.models import Campaign, Contestant, Reason
from arena.odd_rows import Skipping
from arena.plurals import local, percent

from ..core.uncertainty.quantiles import Estimate
from ..models import ReasonShare
from ..presentation.lines import Line
from ..presentation.sentences import listed, percents
from ..refreshing.reasons import FEWEST_ANSWERS
from .by_slice import LATER
from .estimates import estimate_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

NOT_YET = gettext_lazy(
    "Too few votes have reasons yet: it takes %(votes)s, and %(answers)s answers of a model in "
    "votes by ten equally active voters."
)
ELSEWHERE = gettext_lazy("These votes were cast elsewhere: nobody was asked for reasons here.")
Relation = ReasonShare.Relation
AGAINST_ALL: Mapping[int | None, tuple[str, StrPromise]] = {
    Relation.ABOVE: ("above", gettext_lazy("more often than of all models")),
    Relation.BELOW: ("below", gettext_lazy("less often than of all models")),
}


@dataclass(frozen=True)
class Row:
    """A model and a reason; the share is None with too few answers."""

    found: ReasonShare
    share: Estimate | None

    @classmethod
    def of(cls, found: ReasonShare) -> Row:
        """Raises TypeError or ValueError if something else is stored."""
        return cls(found, estimate_of(found.share))

    @property
    def contestant(self) -> Contestant:
        return self.found.contestant

    @property
    def name(self) -> str:
        return self.contestant.name

    @property
    def reason(self) -> Reason:
        return self.found.reason

    @property
    def quoted(self) -> str:
        return _("“%(reason)s”") % {"reason": self.reason.label}

    @property
    def relation(self) -> str:
        """In files and the API."""
        return "" if self.found.relation is None else str(Relation(self.found.relation).label)

    @property
    def css(self) -> str:
        return AGAINST_ALL[self.found.relation][0] if self.is_clear else ""

    @property
    def against_all(self) -> str:
        return str(AGAINST_ALL[self.found.relation][1]) if self.is_clear else ""

    @property
    def is_clear(self) -> bool:
        return self.found.relation in AGAINST_ALL

    @property
    def cell(self) -> tuple[str, str]:
        """Of a table: the share, and its interval."""
        if self.share is None:
            return "–", ""
        value, low, high = percents(*self.share)
        return value, _("%(low)s to %(high)s") % {"low": low, "high": high}


class Said(NamedTuple):
    """What clearly differs for a model."""

    contestant: Contestant
    words: str


@dataclass(frozen=True)
class Head:
    """A column of a table: a reason, and its share of all answers."""

    reason: Reason
    of_all: str


@dataclass(frozen=True)
class Table:
    """Models by reasons of one sign."""

    sign: Reason.Sign
    heads: Sequence[Head]
    lines: Sequence[tuple[Contestant, int, Sequence[Row | None]]]  # with answers


@dataclass(frozen=True)
class Shares:
    """Of a campaign: of models on its board, in the order of the board."""

    campaign: Campaign
    rows: Sequence[Row]
    left_out: int = 0

    @classmethod
    def of(cls, campaign: Campaign, lines: Iterable[Line]) -> Shares:
        """Empty as long as a campaign that tells names later is open: a voter's own word, so rare
        that nobody else chose it, would tell whose text that was."""
        if not campaign.may_be_followed:
            return cls(campaign, [])
        place = {line.contestant.pk: i for i, line in enumerate(lines)}
        stored = ReasonShare.objects.filter(campaign=campaign, contestant__in=place)
        skipping = Skipping()
        rows = [*skipping.shown(stored.select_related("contestant", "reason"), Row.of)]
        rows.sort(key=lambda row: place[row.contestant.pk])
        return cls(campaign, rows, skipping.count)

    @cached_property
    def reasons(self) -> list[Reason]:
        """In their own order."""
        found = {row.reason.pk: row.reason for row in self.rows}
        return sorted(found.values(), key=lambda one: (-one.sign, one.order, one.pk))

    @property
    def tables(self) -> list[Table]:
        return [table for sign in Reason.Sign if (table := self._table(sign)).heads]

    def _table(self, sign: Reason.Sign) -> Table:
        reasons = [one for one in self.reasons if one.sign == sign]
        known = {(row.contestant.pk, row.reason.pk): row for row in self.rows}
        of_all = {row.reason.pk: row.found.of_all for row in self.rows}
        heads = [Head(one, percent(f"{100 * of_all[one.pk]:.1f}")) for one in reasons]
        models = {row.contestant.pk: row.contestant for row in self.rows}
        lines = []
        for pk, model in models.items():
            cells = [known.get((pk, one.pk)) for one in reasons]
            lines.append((model, max((c.found.answers for c in cells if c), default=0), cells))
        return Table(sign, heads, lines)

    @property
    def said(self) -> list[Said]:
        """What clearly differs from all models, by model."""
        found: dict[int, list[Row]] = {}
        for row in self.rows:
            if row.is_clear:
                found.setdefault(row.contestant.pk, []).append(row)
        return [Said(rows[0].contestant, _in_words(rows)) for rows in found.values()]

    @property
    def finding(self) -> str:
        compared = [row for row in self.rows if row.share]
        clear = sum(row.is_clear for row in compared)
        if not clear:
            return _("No model’s share clearly differs from that of all models.")
        return ngettext(
            "%(clear)s of %(number)s share clearly differs from that of all models.",
            "%(clear)s of %(number)s shares clearly differ from those of all models.",
            len(compared),
        ) % {"clear": local(f"{clear:,}"), "number": local(f"{len(compared):,}")}

    @property
    def absent(self) -> str:
        if self.campaign.kind == Campaign.Kind.IMPORTED:
            return str(ELSEWHERE)
        if not self.campaign.may_be_followed:
            return str(LATER)
        return not_yet()

    def of_reason(self, key: str) -> list[Row]:
        """Empty if nobody gave it."""
        return [row for row in self.rows if row.reason.key == key]


def not_yet() -> str:
    return str(NOT_YET) % {"votes": settings.SLICE_VOTES, "answers": FEWEST_ANSWERS}


def _in_words(rows: Sequence[Row]) -> str:
    often, rarely = (
        listed([row.quoted for row in rows if row.found.relation == relation])
        for relation in (Relation.ABOVE, Relation.BELOW)
    )
    if often and rarely:
        said = _("more often %(often)s, less often %(rarely)s")
    else:
        said = _("more often %(often)s") if often else _("less often %(rarely)s")
    return said % {"often": often, "rarely": rarely}
