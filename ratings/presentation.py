"""A snapshot as its readers see it: with interval and number of votes, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from arena.models import Contestant

from .models import Rating, Snapshot

WHY_UNRATED = {
    "no_votes": "no votes yet",
    "only_wins": "only wins so far: no upper bound",
    "only_losses": "only losses so far: no lower bound",
    "other_component": "not compared with the others yet",
}


@dataclass(frozen=True)
class Scale:
    """From scores to per cent of the drawing's width."""

    low: float
    high: float

    def __call__(self, score: float) -> float:
        return round(4 + 92 * (score - self.low) / ((self.high - self.low) or 1.0), 2)


@dataclass(frozen=True)
class Line:
    rating: Rating
    scale: Scale

    @property
    def contestant(self) -> Contestant:
        return self.rating.contestant

    @property
    def rated(self) -> bool:
        return None not in (self.rating.score, self.rating.lower, self.rating.upper)

    @property
    def status(self) -> str:
        return WHY_UNRATED.get(self.rating.status, "not enough data")

    @property
    def rank(self) -> str:
        low, high = self.rating.rank_low, self.rating.rank_high
        if low is None or high is None:
            return "–"
        return str(low) if low == high else f"{low}–{high}"

    @property
    def interval(self) -> str:
        return f"{self.rating.lower:.0f} to {self.rating.upper:.0f}"

    @property
    def win_percent(self) -> str:
        return f"{100 * (self.rating.win_rate or 0):.0f}"

    @property
    def left(self) -> float:
        return self.scale(self.rating.lower or 0)

    @property
    def centre(self) -> float:
        return self.scale(self.rating.score or 0)

    @property
    def right(self) -> float:
        return self.scale(self.rating.upper or 0)


class BoardView:
    """The newest snapshot of a board, or the absence of one."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self.snapshot = snapshot

    @cached_property
    def _ratings(self) -> list[Rating]:
        if self.snapshot is None:
            return []
        return list(self.snapshot.ratings.select_related("contestant"))

    @cached_property
    def _scale(self) -> Scale:
        bounds = [b for r in self._ratings for b in (r.lower, r.upper) if b is not None]
        return Scale(min(bounds, default=900.0), max(bounds, default=1100.0))

    @cached_property
    def lines(self) -> list[Line]:
        return [Line(rating, self._scale) for rating in self._ratings]

    @property
    def middle(self) -> float:
        """Where 1000, the average, stands in the drawing."""
        return self._scale(1000.0)

    @property
    def finding(self) -> str:
        """What the numbers say, and no more than the intervals allow."""
        rated = [line for line in self.lines if line.rated]
        if len(rated) < 2:
            return "There are not enough votes yet to rank anybody."
        leaders = [line for line in rated if line.rating.rank_low == 1]
        if len(leaders) == len(rated):
            return "So far the votes do not separate the models: each may be first."
        if len(leaders) == 1:
            return f"{leaders[0].contestant.name} leads."
        return f"{len(leaders)} of {len(rated)} models may be first; the others are behind."

    def as_data(self) -> dict[str, Any]:
        if self.snapshot is None:
            return {"snapshot": None, "votes": 0, "ratings": []}
        return {
            "snapshot": self.snapshot.pk,
            "computed": self.snapshot.created.isoformat(),
            "votes": self.snapshot.votes,
            "input_sha256": self.snapshot.input_sha256,
            "ratings": [_as_data(rating) for rating in self._ratings],
        }


def _as_data(rating: Rating) -> dict[str, Any]:
    numbers = ("score", "lower", "upper", "rank_low", "rank_high", "votes", "win_rate", "status")
    return {
        "model": rating.contestant.name,
        "access": rating.contestant.access,
        "stands_in_for": rating.contestant.stands_in_for,
        **{name: getattr(rating, name) for name in numbers},
    }
