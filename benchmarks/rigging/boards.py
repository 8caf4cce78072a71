"""Boards of simulated votes, and what rigged ones do to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ratings.core.data.errors import RatingsError
from ratings.core.data.tallies import Tallies
from ratings.core.methods.bradley_terry import bradley_terry

from .world import Cast


class Board:
    """Votes on some models, summed up by pair."""

    def __init__(self, models: int) -> None:
        self.counts = np.zeros((models, models, 4), dtype=np.int64)

    def add(self, votes: Iterable[Cast], times: int = 1) -> None:
        """Or take them away: -1 times."""
        for vote in votes:
            verdict = 1 - vote.verdict if vote.a > vote.b and vote.verdict < 2 else vote.verdict
            self.counts[min(vote.a, vote.b), max(vote.a, vote.b), verdict] += times

    @property
    def rows(self) -> np.ndarray:
        """(P, 6) pairs and counts of their verdicts."""
        first, second = np.nonzero(self.counts.sum(axis=2))
        return np.column_stack([first, second, self.counts[first, second]])

    def rank(self, target: int) -> int:
        """The last if it can't be rated yet."""
        rows, models = self.rows, len(self.counts)
        try:
            fit = bradley_terry(Tallies.from_counts(rows[:, :2], rows[:, 2:], models), draws=50)
        except RatingsError:
            return models
        return 1 + int((fit.scores > fit.scores[target]).sum())


@dataclass
class Damage:
    """Ranks that the target is above where it would be without the riggers.

    Attributes:
        fair, full: boards of the honest votes, and of all.
        open, kept: without the desk and with it, at the last look. worst: with it, at any look.
        moves, moves_kept: rigged votes that had been cast when it first was a rank above.
    """

    target: int
    fair: Board
    full: Board
    open: int = 0
    kept: int = 0
    worst: int = 0
    moves: int | None = field(default=None)
    moves_kept: int | None = field(default=None)

    def look(self, votes: Iterable[Cast], counted: Board, rigged: int) -> None:
        """At new votes, and at the board with the desk, once so many rigged votes were cast."""
        self.full.add(votes)
        self.fair.add(vote for vote in votes if not vote.is_by_rigger)
        if not rigged:
            return
        fair = self.fair.rank(self.target)
        self.open, self.kept = (fair - board.rank(self.target) for board in (self.full, counted))
        self.worst = max(self.worst, self.kept)
        if self.open > 0 and self.moves is None:
            self.moves = rigged
        if self.kept > 0 and self.moves_kept is None:
            self.moves_kept = rigged
