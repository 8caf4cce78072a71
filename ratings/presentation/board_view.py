"""A snapshot as a page: its lines, filtered and sorted, and its summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.paginator import Page
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena.labels.slices import OVERALL
from arena.models import Contestant
from arena.plurals import counted
from arena.sites import Site

from ..columns import BOARD
from ..models import Rating, Snapshot
from . import sentences
from .choices import SIZES, SORTS, Choices
from .lines import Line
from .paging import ALL, WHOLE, Address, Paging, page_of
from .sheets import FIELDS, Drawing, Sheet, sheet_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

USUAL = Choices()
HEADS = {
    "rank": (gettext_lazy("Rank"), ""),
    "name": (gettext_lazy("Model"), ""),
    "score": (gettext_lazy("Score"), "number"),
    "votes": (gettext_lazy("Votes"), "number wide"),
    "wins": (gettext_lazy("Win rate"), "number wide"),
    "size": (gettext_lazy("Size"), "number wide"),
    "time": (gettext_lazy("Response time"), "number wide"),
    "price": (gettext_lazy("Price per million"), "number wide"),
}
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


class Head(NamedTuple):
    """The head of a column: its link, and how the board is sorted by it now."""

    name: str
    words: StrPromise
    css: str
    href: str
    state: str


class BoardView:
    """A snapshot of a board, or its absence, with the reader's choices."""

    def __init__(
        self, snapshot: Snapshot | None, choices: Choices = USUAL, asked_page: str = ""
    ) -> None:
        self.snapshot = snapshot
        self.choices = choices
        self.asked_page = asked_page

    @cached_property
    def sheet(self) -> Sheet:
        return sheet_of(self.snapshot)

    @property
    def ratings(self) -> Sequence[Rating]:
        return self.sheet.ratings

    @property
    def all_lines(self) -> list[Line]:
        return self.sheet.lines

    def rows(self, site: Site) -> SafeString:
        """The chosen lines, or one page of them, as HTML."""
        return self.sheet.rows(self.shown, self.drawing.scale, site)

    @property
    def shows(self) -> set[str]:
        return self.sheet.shows

    @cached_property
    def drawing(self) -> Drawing:
        """The drawing, scaled to the lines that are shown."""
        return self.sheet.drawing(self.shown)

    @property
    def axis(self) -> list[tuple[float, str]]:
        return [(mark.at, mark.label) for mark in self.drawing.scale.marks()]

    @cached_property
    def page(self) -> Page[Line] | None:
        """The page of a long board; None if all of it was requested."""
        return page_of(self.lines, self.asked_page)

    @property
    def shown(self) -> Sequence[Line]:
        return self.lines if self.page is None else list(self.page.object_list)

    def paging(self, address: Address) -> Paging | None:
        """The pager; None for a board of one page."""
        return Paging(len(self.lines), self.page, address) if len(self.lines) > WHOLE else None

    @cached_property
    def lines(self) -> list[Line]:
        """The lines that match the filters, in the chosen order; unknown values last."""
        kept = self.all_lines
        for is_chosen in self._filters():
            kept = [line for line in kept if is_chosen(line)]
        if not self.choices.sort:
            return kept
        found = [(KEYS[self.choices.sort](line), line) for line in kept]
        known = [pair for pair in found if pair[0] is not None]
        known.sort(key=itemgetter(0), reverse=self.choices.falling)
        return [line for _, line in known] + [line for key, line in found if key is None]

    def _filters(self) -> Iterator[Callable[[Line], bool]]:
        """The predicates that each line has to satisfy; none if nothing was chosen."""
        choices = self.choices
        yield from map(mentions, choices.q.casefold().split())
        if access := choices.access:
            yield lambda line: has_access(line.contestant, access)
        if slug := choices.organisation:
            slugs = self.sheet.organisations
            yield lambda line: slugs[line.contestant.organisation] == slug
        if use := choices.commercial:
            yield lambda line: permits(line, use)
        if size := choices.size:
            yield lambda line: has_size(line.contestant, size)
        if choices.laptop:
            yield lambda line: line.fits_laptop

    @property
    def finding(self) -> str:
        return self.sheet.finding

    @property
    def tiers(self) -> str:
        return self.sheet.tiers

    @property
    def measure(self) -> str:
        """What the table shows, and from how many votes."""
        if self.snapshot is None:
            return ""
        is_whole = self.snapshot.board.slice == OVERALL
        if "interval" not in self.shows:
            said = (
                _("%(method)s score, from %(votes)s.")
                if is_whole
                else _("%(method)s score, from %(votes)s with this filter.")
            )
        elif is_whole:
            said = _("%(method)s score with 95%% interval, from %(votes)s.")
        else:
            said = _("%(method)s score with 95%% interval, from %(votes)s with this filter.")
        votes = counted(self.snapshot.votes, "vote")
        return said % {"method": self.snapshot.board.get_method_display(), "votes": votes}

    @cached_property
    def open_or_closed(self) -> str:
        return sentences.of_duel(self.snapshot.facts.duel if self.snapshot else None)

    @property
    def organisation_options(self) -> SafeString:
        options, chosen = self.sheet.organisation_options, self.choices.organisation
        if chosen not in self.sheet.organisations.values():
            return options
        option = f'<option value="{chosen}"'
        return SafeString(options.replace(option, f"{option} selected"))  # a slug is safe

    @property
    def sizes(self) -> list[tuple[str, str]]:
        return [(name, str(words)) for name, (words, *_bounds) in SIZES.items()]

    @property
    def heads(self) -> list[Head]:
        shown = (name for name in SORTS if name not in FIELDS or name in self.shows)
        return [
            Head(name, *HEADS[name], self._sorted_by(name), self._state(name)) for name in shown
        ]

    def _sorted_by(self, name: str) -> str:
        """Sorting returns to the first page; a reader who sees all lines still sees all."""
        all_of_it = f"&page={ALL}" if self.asked_page == ALL else ""
        return f"?{self.choices.sorted_by(name).query}{all_of_it}"

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
            # Not the `input_sha256` of the file, which is of `tallies.csv`.
            "rows_sha256": self.snapshot.input_sha256,
            "ratings": [rating_data(rating) for rating in self.ratings],
        }


def mentions(word: str) -> Callable[[Line], bool]:
    return lambda line: word in line.searched


def has_access(contestant: Contestant, access: str) -> bool:
    if access == "source":
        return contestant.kind == Contestant.Access.OPEN_SOURCE
    if access == "stand-in":
        return bool(contestant.stands_in_for)
    return contestant.is_open is (access == "open")


def permits(line: Line, commercial: str) -> bool:
    """The filter for commercial use under conditions includes licences that permit it without
    any."""
    if line.commercial is None:
        return False
    return line.commercial in ("yes", commercial)


def has_size(contestant: Contestant, size: str) -> bool:
    _words, least, below = SIZES[size]
    return contestant.parameters is not None and least <= contestant.parameters < below


READ = {column.name: attrgetter(column.of) for column in BOARD}


def rating_data(rating: Rating) -> dict[str, Any]:
    """By the names of its columns."""
    return {name: read(rating) for name, read in READ.items()}
