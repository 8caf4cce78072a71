"""A line of the leaderboard as its readers see it: with interval and number of votes, or not at
all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena import catalogue
from arena.catalogue import Permission
from arena.energy import Energy
from arena.models import Contestant
from arena.plurals import local

from ..charts.scales import Mark, Scale, round_step
from ..models import Rating, ResponseTime
from .costs import Cost, cost_of

WHY_UNRATED = {
    "no_votes": gettext_lazy("no votes yet"),
    "only_wins": gettext_lazy("only wins so far: no upper bound"),
    "only_losses": gettext_lazy("only losses so far: no lower bound"),
    "other_component": gettext_lazy("not compared with the others yet"),
    "split": gettext_lazy("not compared with a group of models as large as its own"),
}
PROVISIONAL_WIDTH = 100.0  # points: an interval this wide says little about a rank
# At four bits per weight, this fits next to a browser in 16 GB of memory.
LAPTOP_PARAMETERS = 14_000_000_000


@dataclass(frozen=True)
class Scores(Scale):
    """From scores to per cent of the drawing's width."""

    low: float
    high: float

    def at(self, score: float) -> float:
        return round(2 + 96 * (score - self.low) / ((self.high - self.low) or 1.0), 2)

    def marks(self) -> list[Mark]:
        """Round scores and their positions."""
        step = int(round_step((self.high - self.low) / 4))
        first = math.ceil(self.low / step) * step
        return [
            Mark(self.at(score), str(score)) for score in range(first, int(self.high) + 1, step)
        ]


@dataclass(frozen=True)
class Line:
    rating: Rating
    scale: Scores
    time: ResponseTime | None = None
    first_s: float | None = None  # to the first words, the median in its campaign

    @cached_property
    def contestant(self) -> Contestant:
        return self.rating.contestant

    @property
    def rated(self) -> bool:
        """Whether it has a score and an interval."""
        return None not in (self.rating.score, self.rating.lower, self.rating.upper)

    @property
    def scored(self) -> bool:
        """Whether it has a score at least."""
        return self.rating.score is not None

    @property
    def provisional(self) -> bool:
        return self.rated and (self.rating.upper or 0) - (self.rating.lower or 0) > (
            PROVISIONAL_WIDTH
        )

    @property
    def status(self) -> str:
        return str(WHY_UNRATED.get(self.rating.status) or _("not enough data"))

    @property
    def rank(self) -> str:
        low, high = self.rating.rank_low, self.rating.rank_high
        if low is None or high is None:
            return str(self.rating.position) if self.scored else "–"
        return str(low) if low == high else f"{low}–{high}"

    @property
    def interval(self) -> str:
        numbers = {"low": f"{self.rating.lower:.0f}", "high": f"{self.rating.upper:.0f}"}
        return _("%(low)s to %(high)s") % numbers

    @property
    def win_percent(self) -> str:
        return f"{100 * (self.rating.win_rate or 0):.0f}"

    @property
    def size(self) -> str:
        return in_billions(self.contestant.parameters)

    @property
    def response_s(self) -> float | None:
        return self.time.median_s if self.time else None

    @cached_property
    def cost(self) -> Cost | None:
        return cost_of(self.contestant, self.time)

    @cached_property
    def energy(self) -> Energy | None:
        return self.contestant.energy

    @property
    def wh(self) -> float | None:
        """Estimated, of 1,000 tokens."""
        return self.energy.wh.value if self.energy else None

    @property
    def price(self) -> float | None:
        price = self.contestant.output_price
        return None if price is None else float(price)

    @property
    def price_link(self) -> str:
        """The address that the price is from; "" if its source is words."""
        source = self.contestant.price_source
        return source if source.startswith(("https://", "http://")) else ""

    @property
    def left(self) -> float:
        return self.scale.at(self.rating.lower or 0)

    @property
    def middle(self) -> float | None:
        """The position of 1000, the average."""
        return self.scale.at(1000.0) if self.scale.low <= 1000 <= self.scale.high else None

    @property
    def beyond(self) -> bool:
        """Whether the interval extends beyond the left end of the drawing."""
        return (self.rating.lower or 0) < self.scale.low

    @property
    def centre(self) -> float:
        return self.scale.at(self.rating.score or 0)

    @property
    def right(self) -> float:
        return self.scale.at(self.rating.upper or 0)

    @cached_property
    def commercial(self) -> Permission | None:
        """Whether the licence of the weights permits commercial use; None if unknown, or if there
        are no weights to use."""
        if not self.contestant.is_open:
            return None
        licence = catalogue.load().licences.get(self.contestant.licence)
        return licence.commercial if licence else None

    @cached_property
    def searched(self) -> str:
        """The text that a reader's search looks through."""
        model = self.contestant
        return f"{model.name} {model.organisation} {model.licence}".casefold()

    @property
    def fits_laptop(self) -> bool:
        size = self.contestant.parameters
        return bool(self.contestant.is_open and size and size <= LAPTOP_PARAMETERS)


def in_billions(number: int | None) -> str:
    """Such as 7.3B, 405B, 135M."""
    if not number:
        return ""
    if number < 1_000_000_000:
        return f"{number / 1e6:.0f}M"
    return local(f"{number / 1e9:.3g}B" if number < 1_000_000_000_000 else f"{number / 1e12:.3g}T")
