"""The lines of a snapshot, and their HTML: rendered once, then shared by all pages that show them.

A snapshot never changes, so a process caches the last few. Names and response times may change, so
none is cached for long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import get_language

from arena.odd_rows import Skipping
from arena.sites import Site

from ..freshness import epochs
from ..limits import CACHES
from ..models import AnswerSpeed, Rating, ResponseTime, Snapshot
from . import sentences
from .lines import Line, Scores

NUMBERS = ("score", "lower", "upper", "win_rate")
ALWAYS_DRAWN = 20
ROUND = 20  # points
FIELDS: dict[str, Callable[[Line], object]] = {
    "size": lambda line: line.contestant.parameters,
    "time": lambda line: line.response_s,
    "price": lambda line: line.price,
    "interval": lambda line: line.rated,
    "tier": lambda line: line.rating.tier,
}


class Sheet:
    """All lines of a snapshot, best first."""

    def __init__(self, campaign: str, ratings: Sequence[Rating], left_out: int = 0) -> None:
        self.campaign = campaign
        self.ratings = ratings
        self.left_out = left_out  # lines whose numbers are none
        self.scale = scale_of(ratings)
        self._html: dict[tuple[str, Scores], dict[int, SafeString]] = {}

    @cached_property
    def lines(self) -> list[Line]:
        times = {time.contestant_id: time for time in ResponseTime.objects.all()}
        firsts = self._first_words()
        return [
            Line(rating, self.scale, times.get(one), firsts.get(one))
            for rating in self.ratings
            for one in [rating.contestant_id]
        ]

    def _first_words(self) -> dict[int, float]:
        whole = AnswerSpeed.objects.filter(
            campaign__slug=self.campaign, prompts=AnswerSpeed.Prompts.ALL
        )
        rows = whole.values_list("contestant", "first_s_median")
        return {contestant: estimate[0] for contestant, estimate in rows if estimate}

    @cached_property
    def shows(self) -> set[str]:
        """Columns with any known value."""
        return {name for name, value in FIELDS.items() if any(map(value, self.lines))}

    @property
    def finding(self) -> str:
        return sentences.of_board(self.lines)

    @property
    def tiers(self) -> str:
        return sentences.of_tiers(self.lines)

    @cached_property
    def organisations(self) -> dict[str, str]:
        """Names on the page, with the slug of each in the URL."""
        names = {rating.contestant.organisation for rating in self.ratings}
        return {name: slugify(name) for name in sorted(names, key=str.casefold)}

    @cached_property
    def organisation_options(self) -> SafeString:
        """Options of the filter, often dozens; rendered for each page they would double its
        time."""
        options = ((slug, name) for name, slug in self.organisations.items())
        return format_html_join("\n", '<option value="{}">{}</option>', options)

    def drawing(self, lines: Sequence[Line]) -> Drawing:
        """How the intervals of these lines are drawn."""
        return self._whole if len(lines) == len(self.lines) else drawing_of(lines)

    @cached_property
    def _whole(self) -> Drawing:
        return drawing_of(self.lines)

    def rows(self, lines: Sequence[Line], scale: Scores, site: Site) -> SafeString:
        """These lines as table rows, cached per language and scale; scales end at round scores, so
        there are few. In a static copy their links differ from page to page."""
        made = self._html.setdefault((get_language(), scale), {}) if site.is_live else {}
        for line in lines:
            if line.rating.position not in made:
                made[line.rating.position] = self._row(replace(line, scale=scale), site)
        return SafeString("".join([made[line.rating.position] for line in lines]))  # each is safe

    def _row(self, line: Line, site: Site) -> SafeString:
        context = {"line": line, "board": self, "campaign": self.campaign, "site": site}
        return render_to_string("leaderboard/_row.html", context)


@dataclass(frozen=True)
class Drawing:
    """The scale that intervals are drawn to, and whether some lie beyond its lower end."""

    scale: Scores
    has_beyond: bool


def drawing_of(lines: Sequence[Line]) -> Drawing:
    rated = [line.rating for line in lines if line.rated]
    scale = scale_to_read(rated)
    return Drawing(scale, any((rating.lower or 0) < scale.low for rating in rated))


def scale_of(ratings: Sequence[Rating]) -> Scores:
    rated = [rating for rating in ratings if rating.score is not None]
    bounds = [bound for r in rated for bound in (r.lower, r.score, r.upper) if bound is not None]
    return Scores(min(bounds, default=900.0), max(bounds, default=1100.0))


def scale_to_read(rated: Sequence[Rating]) -> Scores:
    """A scale between two round scores, wide enough for the better half of the models.

    Otherwise a few models far below the others would make all intervals too short to be seen.
    """
    best_first = sorted(rated, key=lambda rating: -(rating.score or 0))
    exact = scale_of(best_first[: max(ALWAYS_DRAWN, math.ceil(len(rated) / 2))])
    low, high = math.floor(exact.low / ROUND), math.ceil(exact.high / ROUND)
    return Scores(ROUND * low, ROUND * max(high, low + 1))


def sheet_of(snapshot: Snapshot | None) -> Sheet:
    if snapshot is None:
        return Sheet("", [])
    return _kept(snapshot.pk, int(epochs.clock() / CACHES.stale_s))


@lru_cache(maxsize=16)
def _kept(pk: int, period: int) -> Sheet:
    ratings = Rating.objects.filter(snapshot_id=pk).select_related("contestant")
    campaign = Snapshot.objects.values_list("board__campaign__slug", flat=True).get(pk=pk)
    skipping = Skipping()
    return Sheet(campaign, [*skipping.shown(ratings, sound)], skipping.count)


def sound(rating: Rating) -> Rating:
    """Raises ValueError if its numbers can't be drawn, or written as JSON."""
    for name in NUMBERS:
        number = getattr(rating, name)
        if number is not None and not math.isfinite(number):
            raise ValueError(f"its {name} is {number}")
    return rating


forget = _kept.cache_clear
