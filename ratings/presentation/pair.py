"""Two models of a snapshot: who is ahead, and how they fared against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from arena.plurals import counted

from ..archive.results import Result
from ..charts import Whisker, Whiskers
from ..core import RatingsError
from ..core.questions.compare import Comparison
from ..core.questions.compare import compare as compared
from ..core.questions.margins import Judgement, judge
from ..core.questions.matchmaking import votes_needed, votes_until_as_good
from ..core.questions.win_rates import win_rates
from .margins import USUAL, said_of, said_of_all
from .sentences import WIDEST, percents, share


@dataclass(frozen=True)
class Pair:
    """What is known about two models; `comparison` is None if there is not enough data."""

    a: dict[str, Any]
    b: dict[str, Any]
    wins: int
    losses: int
    ties: int
    both_bad: int
    comparison: Comparison | None
    observed: tuple[float, float, float] | None  # share won by a, with its interval
    needed: int | None  # more votes to tell them apart
    judgement: Judgement | None = None  # None like the comparison
    rated: int = 0  # models with a score
    until_as_good: int | None = None  # more votes to show them as good within the margin
    is_exact: bool = True  # otherwise the comparison has the widest interval possible

    @property
    def votes(self) -> int:
        return self.wins + self.losses + self.ties + self.both_bad

    @property
    def sentence(self) -> str:
        found, names = self.comparison, {"a": self.a["name"], "b": self.b["name"]}
        if found is None:
            return _("There are not enough votes to compare %(a)s with %(b)s.") % names
        names["share"] = share(found.probability, found.lower, found.upper)
        if not found.separated and not self.is_exact:
            return _("%(a)s would win %(share)s.") % names + f" {WIDEST}"
        if not found.separated:
            said = _("The votes do not separate %(a)s from %(b)s: %(a)s would win %(share)s.")
        elif found.gap > 0:
            said = _("%(a)s is ahead of %(b)s: it wins %(share)s.")
        else:
            said = _("%(a)s is behind %(b)s: it wins %(share)s.")
        return said % names

    @property
    def verdict(self) -> str:
        """What may be said with the margin."""
        found = self.judgement
        return said_of(found, found.relation, *self._by_score(found)) if found else ""

    @property
    def verdict_among_all(self) -> str:
        found = self.judgement
        return said_of_all(found, *self._by_score(found), self.rated) if found else ""

    def _by_score(self, found: Judgement) -> tuple[str, str]:
        names = str(self.a["name"]), str(self.b["name"])
        return names if found.better == (self.comparison and self.comparison.a) else names[::-1]

    @property
    def bars(self) -> Whiskers | None:
        """Predicted and observed share of the vote, in per cent."""
        rows = []
        if found := self.comparison:
            name = (
                _("Predicted from all votes")
                if self.is_exact
                else _("Predicted from all votes, at its widest")
            )
            rows.append((name, found.probability, found.lower, found.upper))
        if self.observed:
            votes = counted(self.votes, "vote")
            rows.append((_("Observed in their %(votes)s") % {"votes": votes}, *self.observed))
        return Whiskers.draw([whisker(*row) for row in rows], level=50.0) if rows else None


def whisker(name: str, middle: float, low: float, high: float) -> Whisker:
    """A whisker of shares of the vote, from 0 to 1."""
    said = dict(zip(("share", "low", "high"), percents(middle, low, high), strict=True))
    note = _("%(share)s (%(low)s to %(high)s)") % said
    return Whisker(name, 100 * middle, 100 * low, 100 * high, note=note)


def pair_of(result: Result, first: str, second: str, margin: int = USUAL) -> Pair | None:
    """None when one of them is unknown, or both are the same."""
    a, b = result.index.get(first), result.index.get(second)
    if a is None or b is None or a == b:
        return None
    wins, losses, ties, both_bad = record(result, a, b)
    met = win_rates(result.tallies, [a, b])
    observed = met.rate[0, 1], met.lower[0, 1], met.upper[0, 1]
    comparison, needed = comparison_of(result, a, b)
    judgement = judge(result.ratings, a, b, margin) if comparison else None
    return Pair(
        a=result.content.models[a],
        b=result.content.models[b],
        wins=wins,
        losses=losses,
        ties=ties,
        both_bad=both_bad,
        comparison=comparison,
        observed=observed if np.isfinite(observed[0]) else None,
        needed=needed,
        judgement=judgement,
        rated=int(result.ratings.rated.sum()),
        until_as_good=until_as_good(result, judgement) if judgement else None,
        is_exact=comparison is None or result.ratings.is_exact(a, b),
    )


def record(result: Result, a: int, b: int) -> tuple[int, int, int, int]:
    """Verdicts in votes between the two, seen from a."""
    for first, second, wins, losses, ties, both_bad in result.content.tallies:
        if (first, second) == (a, b):
            return wins, losses, ties, both_bad
        if (first, second) == (b, a):
            return losses, wins, ties, both_bad
    return 0, 0, 0, 0


def comparison_of(result: Result, a: int, b: int) -> tuple[Comparison | None, int | None]:
    try:
        found = compared(result.ratings, a, b)
        needed = votes_needed(result.ratings, a, b)
    except RatingsError:
        return None, None
    is_known = result.ratings.is_exact(a, b) and np.isfinite(needed) and not found.separated
    return found, int(needed) if is_known else None


def until_as_good(result: Result, found: Judgement) -> int | None:
    """None where no number of votes is known to show it, or it is shown already."""
    a, b = found.better, found.other
    votes = votes_until_as_good(result.ratings, a, b, found.margin)
    return int(votes) if votes and result.ratings.is_exact(a, b) and np.isfinite(votes) else None
