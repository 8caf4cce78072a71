"""What a reader of the leaderboard has chosen. All of it is in the URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena.errors import Code, Refused
from arena.labels import slices
from arena.labels.categories import CATEGORIES

from ..boards.listing import slug_of
from ..models import Board

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

BILLION = 1_000_000_000
SIZES: dict[str, tuple[StrPromise, float, float]] = {
    "small": (gettext_lazy("under 4 billion"), 0, 4 * BILLION),
    "medium": (gettext_lazy("4 to 20 billion"), 4 * BILLION, 20 * BILLION),
    "large": (gettext_lazy("20 to 100 billion"), 20 * BILLION, 100 * BILLION),
    "huge": (gettext_lazy("100 billion and more"), 100 * BILLION, float("inf")),
}
SORTS = ("rank", "name", "score", "votes", "wins", "size", "time", "price")
FALLING = ("score", "votes", "wins")  # a click on their heads shows the largest first
# Allowed values, and defaults, which are the same as no value.
OFFERED: dict[str, tuple[str, ...]] = {
    "style": ("on",),
    "method": (Board.Method.ELO.value, Board.Method.BRADLEY_TERRY.value),
    "ties": (Board.Ties.DAVIDSON.value, Board.Ties.RAO_KUPPER.value, Board.Ties.HALF.value),
    "access": ("open", "source", "closed", "stand-in"),
    "commercial": ("yes", "conditional"),
    "size": (*SIZES,),
    "laptop": ("1",),
    "sort": SORTS,
    "order": ("up", "down"),
}
USUAL = {
    "slice": slices.OVERALL,
    "method": Board.Method.BRADLEY_TERRY.value,
    "ties": Board.Ties.HALF.value,
}
MONTH = gettext_lazy("a month such as 2026-03")
DAY = gettext_lazy("a day such as 2026-03-31")
SLICE = format_lazy(
    gettext_lazy(
        "{categories}, fresh, and those named like language-de, length-short, criterion-clear and "
        "month-2026-03"
    ),
    categories=", ".join(CATEGORIES),
)


@dataclass(frozen=True)
class Choices:
    """Empty strings are the defaults: the whole board by Bradley-Terry, best first."""

    slice: str = ""
    since: str = ""
    until: str = ""
    style: str = ""
    method: str = ""
    ties: str = ""
    q: str = ""
    access: str = ""
    organisation: str = ""
    commercial: str = ""
    size: str = ""
    laptop: str = ""
    on: str = ""
    sort: str = ""
    order: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Choices:
        """Raises Refused for an invalid choice: showing another board instead would mislead."""
        names = [field.name for field in fields(cls)]
        given = {name: checked(name, query.get(name, "").strip()[:80]) for name in names}
        return cls(**given)._possible()

    def _possible(self) -> Choices:
        """Resolve combinations that have no board: only all votes have boards by other methods, all
        but one of which fix the reading of ties, and a range of months is one of all votes."""
        if self.since and self.until and self.since > self.until:
            return replace(self, since=self.until, until=self.since)._possible()
        ranged = bool(self.since or self.until)
        chosen = replace(self, slice="") if ranged else self
        if chosen.part != slices.OVERALL:
            return replace(chosen, style="", method="", ties="")
        if chosen.style:
            return replace(chosen, method="", ties="")
        return replace(chosen, ties="") if chosen.method else chosen

    @property
    def part(self) -> str:
        """The chosen slice, whether by name or by months."""
        if self.since or self.until:
            this_month = f"{timezone.now():%Y-%m}"
            return slices.span_slice(self.since or slices.EARLIEST, self.until or this_month)
        return self.slice or slices.OVERALL

    @property
    def day(self) -> date | None:
        """The day whose board is shown, as published by its end; None for the current board."""
        return parse_date(self.on) if self.on else None

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in vars(self).items() if value})

    @property
    def filtered(self) -> bool:
        filters = (self.q, self.access, self.organisation, self.commercial, self.size, self.laptop)
        return any(filters)

    @property
    def board_method(self) -> str:
        if self.style:
            return Board.Method.STYLE
        return self.method or Board.Method.BRADLEY_TERRY

    @property
    def board_ties(self) -> str:
        return self.ties or Board.Ties.HALF

    @property
    def board_slug(self) -> str:
        """The slug of the chosen board within its campaign."""
        return slug_of(self.board_method, self.board_ties, self.part)

    @property
    def falling(self) -> bool:
        if not self.sort:
            return False
        return self.order == "down" if self.order else self.sort in FALLING

    def sorted_by(self, name: str) -> Choices:
        """The choices after a click on a column head; a second click reverses the order."""
        if name != self.sort:
            return replace(self, sort=name, order="")
        return replace(self, order="up" if self.falling else "down")


def checked(name: str, value: str) -> str:
    """The value, empty if it is the default. Raises Refused."""
    if not value or value == USUAL.get(name):
        return ""
    if name in OFFERED:
        if value not in OFFERED[name]:
            raise refusal(name, value, ", ".join(OFFERED[name]))
    elif name in FORMS and not FORMS[name][0](value):
        raise refusal(name, value, str(FORMS[name][1]))
    return value


def is_day(text: str) -> bool:
    try:
        return parse_date(text) is not None
    except ValueError:
        return False


FORMS: dict[str, tuple[Callable[[str], bool], str | StrPromise]] = {
    "slice": (slices.is_slice, SLICE),
    "since": (slices.is_month, MONTH),
    "until": (slices.is_month, MONTH),
    "on": (is_day, DAY),
}


def refusal(name: str, value: str, takes: str) -> Refused:
    said = _("“%(name)s=%(value)s” is not valid. %(name)s may be: %(takes)s.") % {
        "name": name,
        "value": value,
        "takes": takes,
    }
    return Refused(said, code=Code.NO_SUCH_CHOICE, status=404 if name == "slice" else 400)
