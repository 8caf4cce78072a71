"""What a reader of the leaderboard has chosen. All of it is in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from django.utils import timezone

from arena.labels import slices

from .boards import slug_of
from .models import Board

BILLION = 1_000_000_000
SIZES: dict[str, tuple[str, float, float]] = {
    "small": ("under 4 billion", 0, 4 * BILLION),
    "medium": ("4 to 20 billion", 4 * BILLION, 20 * BILLION),
    "large": ("20 to 100 billion", 20 * BILLION, 100 * BILLION),
    "huge": ("100 billion and more", 100 * BILLION, float("inf")),
}
SORTS = ("rank", "name", "score", "votes", "wins", "size", "time", "price")
FALLING = ("score", "votes", "wins")  # a click on their heads shows the largest first


@dataclass(frozen=True)
class Choices:
    """Empty strings are what is usual: the whole board by Bradley-Terry, best first."""

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
    sort: str = ""
    order: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Choices:
        """What cannot be understood counts as not chosen."""
        given = {field.name: query.get(field.name, "").strip()[:80] for field in fields(cls)}
        allowed: dict[str, list[str]] = {
            "style": ["on"],
            "method": [Board.Method.ELO],
            "ties": [Board.Ties.DAVIDSON, Board.Ties.RAO_KUPPER],
            "access": ["open", "source", "closed", "stand-in"],
            "commercial": ["yes", "conditional"],
            "size": [*SIZES],
            "laptop": ["1"],
            "sort": [*SORTS],
            "order": ["up", "down"],
        }
        for name, values in allowed.items():
            if given[name] not in values:
                given[name] = ""
        for name in ("since", "until"):
            if not slices.is_month(given[name]):
                given[name] = ""
        if not slices.is_slice(given["slice"]) or given["slice"] == slices.OVERALL:
            given["slice"] = ""
        return cls(**given)._possible()

    def _possible(self) -> Choices:
        """Only the whole has boards by other methods, and each but one reads ties its own way; a
        range of months is one of all votes."""
        if self.since and self.until and self.since > self.until:
            return replace(self, since=self.until, until=self.since)._possible()
        ranged = bool(self.since or self.until)
        chosen = replace(self, slice="") if ranged else self
        if chosen.part != slices.OVERALL:
            return replace(chosen, style="", method="", ties="")
        return replace(chosen, method="", ties="") if chosen.style else chosen

    @property
    def part(self) -> str:
        """The slice that was chosen, one way or the other."""
        if self.since or self.until:
            this_month = f"{timezone.now():%Y-%m}"
            return slices.span_slice(self.since or slices.EARLIEST, self.until or this_month)
        return self.slice or slices.OVERALL

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
        """Names the chosen board within its campaign."""
        return slug_of(self.board_method, self.board_ties, self.part)

    @property
    def falling(self) -> bool:
        if not self.sort:
            return False
        return self.order == "down" if self.order else self.sort in FALLING

    def sorted_by(self, name: str) -> Choices:
        """As a click on the head of a column: again, and the order turns."""
        if name != self.sort:
            return replace(self, sort=name, order="")
        return replace(self, order="up" if self.falling else "down")
