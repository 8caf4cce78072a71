"""A snapshot as a page: its lines, chosen and sorted, and what it says as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from arena.models import Contestant

from . import sentences
from .choices import SIZES, SORTS, Choices
from .lines import Line
from .models import Rating, Snapshot
from .sheets import Sheet, sheet_of

USUAL = Choices()
KEYS: dict[str, Callable[[Line], Any]] = {
    "rank": lambda line: line.rating.position,
    "name": lambda line: line.contestant.name.casefold(),
    "score": lambda line: line.rating.score,
    "votes": lambda line: line.rating.votes,
    "wins": lambda line: line.rating.win_rate,
    "size": lambda line: line.contestant.parameters,
    "time": lambda line: line.response_s,
    "price": lambda line: line.price,
}


class BoardView:
    """A snapshot of a board, or the absence of one, as somebody chose to see it."""

    def __init__(self, snapshot: Snapshot | None, choices: Choices = USUAL) -> None:
        self.snapshot = snapshot
        self.choices = choices

    @cached_property
    def sheet(self) -> Sheet:
        return sheet_of(self.snapshot)

    @property
    def ratings(self) -> Sequence[Rating]:
        return self.sheet.ratings

    @property
    def all_lines(self) -> list[Line]:
        return self.sheet.lines

    @property
    def rows(self) -> SafeString:
        """The chosen lines, as HTML."""
        return SafeString("".join(map(self.sheet.html, self.lines)))  # each is safe itself

    @property
    def shows(self) -> set[str]:
        return self.sheet.shows

    @property
    def middle(self) -> float:
        return self.sheet.middle

    @cached_property
    def lines(self) -> list[Line]:
        """Those that were asked for, in the order that was asked for; what is not known last."""
        if not self.choices.filtered and not self.choices.sort:
            return self.all_lines
        kept = [line for line in self.all_lines if is_chosen(line, self.choices)]
        key = KEYS[self.choices.sort or "rank"]
        known = [line for line in kept if key(line) is not None]
        known.sort(key=key, reverse=self.choices.falling)
        return known + [line for line in kept if key(line) is None]

    @cached_property
    def finding(self) -> str:
        return sentences.of_board(self.all_lines)

    @cached_property
    def open_or_closed(self) -> str:
        return sentences.of_gap(self.snapshot.facts if self.snapshot else {})

    @property
    def organisation_options(self) -> SafeString:
        """Often dozens: in a template they take as long as the rest of the page."""
        options = (
            (slug, SafeString(" selected" if slug == self.choices.organisation else ""), name)
            for slug, name in self.sheet.organisations
        )
        return format_html_join("\n", '<option value="{}"{}>{}</option>', options)

    @property
    def sizes(self) -> list[tuple[str, str]]:
        return [(name, words) for name, (words, _, _) in SIZES.items()]

    @cached_property
    def heads(self) -> dict[str, dict[str, str]]:
        """For the head of each column: where a click leads, and how it is sorted now."""
        return {
            name: {
                "href": f"?{self.choices.sorted_by(name).query}",
                "state": self._state(name),
            }
            for name in SORTS
        }

    def _state(self, name: str) -> str:
        if name != (self.choices.sort or "rank"):
            return ""
        return "descending" if self.choices.falling else "ascending"

    def as_data(self) -> dict[str, Any]:
        if self.snapshot is None:
            return {"snapshot": None, "votes": 0, "ratings": []}
        return {
            "snapshot": self.snapshot.pk,
            "computed": self.snapshot.created.isoformat(),
            "votes": self.snapshot.votes,
            "input_sha256": self.snapshot.input_sha256,
            "ratings": [rating_data(rating) for rating in self.ratings],
        }


def is_chosen(line: Line, choices: Choices) -> bool:
    contestant = line.contestant
    return all(
        (
            matches(contestant, choices.q),
            not choices.access or has_access(contestant, choices.access),
            not choices.organisation or slugify(contestant.organisation) == choices.organisation,
            not choices.commercial or permits(line, choices.commercial),
            not choices.size or has_size(contestant, choices.size),
            not choices.laptop or line.fits_laptop,
        )
    )


def matches(contestant: Contestant, words: str) -> bool:
    text = f"{contestant.name} {contestant.organisation} {contestant.licence}".casefold()
    return all(word in text for word in words.casefold().split())


def has_access(contestant: Contestant, access: str) -> bool:
    if access == "source":
        return contestant.access == Contestant.Access.OPEN_SOURCE
    return contestant.is_open is (access == "open")


def permits(line: Line, commercial: str) -> bool:
    """Some licences permit commercial use with conditions: who asks for any gets those too."""
    if line.commercial is None:
        return False
    return line.commercial in ("yes", commercial)


def has_size(contestant: Contestant, size: str) -> bool:
    _, least, below = SIZES[size]
    return contestant.parameters is not None and least <= contestant.parameters < below


def rating_data(rating: Rating) -> dict[str, Any]:
    numbers = ("score", "lower", "upper", "rank_low", "rank_high", "votes", "win_rate", "status")
    contestant = rating.contestant
    return {
        "model": contestant.name,
        "slug": contestant.slug,
        "organisation": contestant.organisation,
        "licence": contestant.licence,
        "access": contestant.access,
        "stands_in_for": contestant.stands_in_for,
        "parameters": contestant.parameters,
        **{name: getattr(rating, name) for name in numbers},
    }
