"""Which model should we use? The cheapest, fastest and smallest that is not worse than the best by
more than a margin, and what would change that."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.utils.translation import gettext as _

from arena.plurals import local, percent

from ..core.methods.kept import Kept
from ..core.questions.compare import win_probability
from ..core.questions.matchmaking import votes_until_not_worse
from ..core.questions.shortfall import shortfalls
from ..models import Snapshot
from ..presentation.lines import Line
from ..presentation.margins import MOST, in_words
from ..presentation.on_board import scores_of
from ..presentation.sentences import listed
from ..presentation.sheets import sheet_of
from ..presentation.wishes import Wishes
from .considered import LeftOut, fitting, named, sound
from .criteria import CRITERIA, Criterion

MOST_LISTED = 100


@dataclass(frozen=True)
class Candidate:
    """A model that meets the wishes.

    Attributes:
        number: among the scores; rival: of the model that may be as far ahead.
        most: points that it is behind the best it is compared with, at most.
        most_of_board: the same for the best of the board.
    """

    line: Line
    number: int
    rival: int
    most: float
    most_of_board: float
    share: float
    share_of_board: float

    @property
    def name(self) -> str:
        return self.line.contestant.name

    @property
    def behind(self) -> str:
        return _("%(points)s (%(share)s)") % least_favourable(self.most, self.share)

    @property
    def behind_of_board(self) -> str:
        said = least_favourable(self.most_of_board, self.share_of_board)
        return _("%(points)s (%(share)s)") % said

    @property
    def given_up(self) -> str:
        if not self.most:
            return _("Given up: nothing, as none of the models that fit is better.")
        return _(
            "Given up: at most %(points)s points, so that it wins at least %(share)s of votes "
            "against the best it is compared with."
        ) % least_favourable(self.most, self.share)

    @property
    def given_up_of_board(self) -> str:
        if not self.most_of_board:
            return _("No model of the whole board is better.")
        return _(
            "Against the best of the whole board: at most %(points)s points, at least %(share)s of "
            "votes."
        ) % least_favourable(self.most_of_board, self.share_of_board)


def least_favourable(most: float, share: float) -> dict[str, str]:
    """Rounded so that it stays true: points up, the share of votes down."""
    shares = percent(f"{math.floor(1000 * share) / 10:.1f}")
    return {"points": ceiling(most), "share": shares}


def ceiling(points: float) -> str:
    return local(f"{math.ceil(points):,}")


@dataclass(frozen=True)
class Pick:
    """The answer by one criterion; `candidate` is None where none is good enough."""

    criterion: Criterion
    candidate: Candidate | None
    value: str
    changes: Sequence[str]
    unknown: str  # names of good enough ones of which nothing is known


@dataclass(frozen=True)
class Advice:
    """What the votes of a board say to somebody with these wishes.

    Attributes:
        candidates: models that meet the wishes, by score.
        left_out: models that were not considered, and why.
        rivals: models with whose best they are compared; numbers: of these, among the scores.
    """

    wishes: Wishes
    ratings: Kept
    candidates: Sequence[Candidate]
    left_out: Sequence[LeftOut]
    rivals: Sequence[Line]
    numbers: Sequence[int]

    @cached_property
    def good(self) -> list[Candidate]:
        """Those that are not worse than the best by more than the margin."""
        return [one for one in self.candidates if self.is_good(one)]

    def is_good(self, one: Candidate) -> bool:
        return one.most <= self.wishes.margin

    @property
    def rows(self) -> list[tuple[Candidate, bool]]:
        """The best candidates, and whether each is good enough."""
        return [(one, self.is_good(one)) for one in self.candidates[:MOST_LISTED]]

    @property
    def tells_costs(self) -> bool:
        return any(one.line.cost for one, _is_good in self.rows)

    @property
    def tells_energy(self) -> bool:
        return any(one.line.energy for one, _is_good in self.rows)

    @property
    def is_exact(self) -> bool:
        return self.ratings.is_exact(*self.numbers)

    @property
    def of_board(self) -> bool:
        """Whether the best that fits may be another than the best of the board."""
        return bool(self.wishes.needs) and not self.wishes.than

    @property
    def margin(self) -> str:
        points = float(self.wishes.margin)
        return in_words(points, win_probability(self.ratings, points))

    @property
    def sentence(self) -> str:
        if not self.candidates:
            return _("No model is known to meet all of these wishes.")
        said = {"good": len(self.good), "all": len(self.candidates), "margin": self.margin}
        if self.good:
            return (
                _("At most %(margin)s behind the best: %(good)s of %(all)s models that fit.") % said
            )
        none = _(
            "The votes show none of %(all)s models that fit to be at most %(margin)s behind the "
            "best."
        )
        nearest = min(self.candidates, key=lambda one: one.most)
        said |= {"model": nearest.name, "points": ceiling(nearest.most)}
        would = _("With a margin of %(points)s points, %(model)s would be.")
        return f"{none} {would}" % said if nearest.most <= MOST else none % said

    @cached_property
    def picks(self) -> list[Pick]:
        """By each criterion of which anything is known."""
        return [
            self._pick(criterion)
            for criterion in CRITERIA
            if any(criterion.of(one.line) is not None for one in self.candidates)
        ]

    @property
    def unknown_criteria(self) -> str:
        """What is known of no model that fits."""
        shown = [pick.criterion for pick in self.picks]
        return listed([str(each.unknown) for each in CRITERIA if each not in shown])

    def _pick(self, criterion: Criterion) -> Pick:
        known = [one for one in self.candidates if criterion.of(one.line) is not None]
        known.sort(key=lambda one: (criterion.of(one.line), one.most))
        best = next((one for one in known if self.is_good(one)), None)
        better = known[: known.index(best)] if best else known
        value = criterion.words(best.line) if best else ""
        unknown = [one.name for one in self.good if criterion.of(one.line) is None]
        changes = [*self._changes(criterion, best, better)]
        return Pick(criterion, best, value, changes, named(unknown))

    def _changes(
        self, criterion: Criterion, best: Candidate | None, better: Sequence[Candidate]
    ) -> Iterator[str]:
        """What would make this another model."""
        if best and best.most:
            said = {"model": best.name, "points": ceiling(best.most)}
            yield _("%(model)s stays down to a margin of %(points)s points.") % said
        least = (
            math.ceil(min((one.most for one in better), default=math.inf)) if better else MOST + 1
        )
        if least <= MOST:
            found = next(one for one in better if one.most <= least)
            value = {"model": found.name, "value": criterion.words(found.line)}
            said = {"points": ceiling(least), "would": criterion.challenge % value}
            yield _("With a margin of %(points)s points, %(would)s.") % said
            yield from self._votes(found)

    def _votes(self, one: Candidate) -> Iterator[str]:
        """How many votes would make it good enough, where one rival alone stands in its way."""
        others = [number for number in self.numbers if number != one.rival]
        rest = float(shortfalls(self.ratings, [one.number], others).most[0])
        if rest > self.wishes.margin or not self.ratings.is_exact(one.number, one.rival):
            return
        margin = float(self.wishes.margin)
        votes = votes_until_not_worse(self.ratings, one.number, one.rival, margin)
        rival = next(
            line
            for line, number in zip(self.rivals, self.numbers, strict=True)
            if number == one.rival
        )
        said = {"model": one.name, "rival": rival.contestant.name}
        if np.isfinite(votes):
            more_votes = _(
                "About %(votes)s more votes between %(model)s and %(rival)s would show that with "
                "your margin, if their gap stays as it is."
            )
            yield more_votes % {**said, "votes": local(f"{votes:,.0f}")}
        else:
            yield (
                _("With your margin it would not: so far %(rival)s is ahead of it by more.") % said
            )


def advise(snapshot: Snapshot, wishes: Wishes) -> Advice:
    number, ratings = scores_of(snapshot.pk)
    left_out: dict[str, list[str]] = {}
    known = [*sound(sheet_of(snapshot).lines, left_out)]
    chosen = [*fitting(known, wishes, left_out)]
    numbers = [number[line.rating.contestant_id] for line in chosen]
    board = [number[line.rating.contestant_id] for line in known]
    rivals, of = (known, board) if wishes.than else (chosen, numbers)
    near = shortfalls(ratings, numbers, of)
    far = near if of == board else shortfalls(ratings, numbers, board)
    candidates = [
        Candidate(
            line,
            numbers[i],
            int(near.rival[i]),
            float(near.most[i]),
            float(far.most[i]),
            win_probability(ratings, -float(near.most[i])),
            win_probability(ratings, -float(far.most[i])),
        )
        for i, line in enumerate(chosen)
    ]
    told = [LeftOut(why, names) for why, names in left_out.items()]
    return Advice(wishes, ratings, candidates, told, rivals, of)
