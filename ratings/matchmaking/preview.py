"""What a policy would do: how likely every pair is, and when pairs are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import combinations

import numpy as np
from django.utils import timezone

from arena.matchmaking.answered import Answered
from arena.matchmaking.policies import Allowed, Rules, probabilities, shares
from arena.matchmaking.strategies import Facts, Weights
from arena.matchmaking.weighing import facts_of
from arena.models import Campaign, Contestant, Vote
from arena.plurals import counted

from ..archive import covariances
from ..boards import listing
from ..charts import Figure, HeatMap
from ..core import Settings
from ..core.data.arrays import FloatArray
from ..core.questions.separation import days_until_separated
from ..models import Rating

RECENT = timedelta(days=14)  # whose votes are the pace
MOST_TIMED = 150  # contestants: the work is cubic
MOST_DRAWN = 25  # in a heat map
MOST_ROWS = 100
TEN_YEARS = 3650
MONTH = 30
POINTWISE = 1.96  # of boards whose simultaneous value is not known


@dataclass(frozen=True)
class Share:
    """A contestant's part of the battles, now and then."""

    contestant: Contestant
    votes: int
    is_new: bool
    now: float  # per cent
    then: float


@dataclass(frozen=True)
class Row:
    """A pair; the days in words."""

    names: str
    now: float  # per cent
    then: float
    days_now: str
    days_then: str


class Preview:
    """Of a campaign with `rules`, beside those that hold. All contestants that are `playing` count
    as able to answer; in a prepared campaign, it is of a voter who has judged nothing yet."""

    def __init__(
        self, campaign: Campaign, playing: Sequence[Contestant], holding: Rules, rules: Rules
    ) -> None:
        self.campaign, self.playing, self.rules = campaign, playing, rules
        keys = [each.pk for each in playing]
        self.facts: Facts = facts_of(campaign.pk, keys)
        can_meet = met(campaign, keys)
        self.now, self.then = (
            probabilities(self.facts, each, can_meet) for each in (holding, rules)
        )

    @cached_property
    def per_day(self) -> float:
        """Votes a day, as lately."""
        since = timezone.now() - RECENT
        votes = Vote.objects.filter(battle__campaign=self.campaign, created__gte=since)
        first = votes.order_by("created").values_list("created", flat=True).first()
        if first is None:
            return 0.0
        days = max((timezone.now() - first) / timedelta(days=1), 1.0)
        return votes.filter(standing=Vote.Standing.COUNTED).count() / days

    @cached_property
    def shares(self) -> list[Share]:
        n = len(self.playing)
        now, then = (100 * shares(each, n) for each in (self.now, self.then))
        return [
            Share(one, int(votes), bool(votes < self.rules.boost_until), float(a), float(b))
            for one, votes, a, b in zip(self.playing, self.facts.votes, now, then, strict=True)
        ]

    @cached_property
    def figure(self) -> Figure:
        busiest = np.argsort(-shares(self.then, len(self.playing)), kind="stable")[:MOST_DRAWN]
        chosen = [int(i) for i in sorted(busiest)]
        names, square = [self.playing[i].name for i in chosen], _square(self.then)
        most = float(self.then.max(initial=0.0)) or 1.0

        def share(i: int, j: int) -> float | None:
            return float(square[chosen[i], chosen[j]]) / most or None

        def words(i: int, j: int) -> str:
            return f"{names[i]} and {names[j]}: {100 * square[chosen[i], chosen[j]]:.2f}%"

        return Figure(
            "pairs",
            f"The likeliest pair has {100 * most:.2g}% of the battles",
            "How likely each pair is to be drawn: the stronger the colour, the likelier.",
            (),
            (),
            "heat_map",
            HeatMap.draw(names, share, words, "count"),
        )

    @cached_property
    def rows(self) -> list[Row]:
        """The likeliest pairs first."""
        pairs = [*combinations(range(len(self.playing)), 2)]
        order = np.argsort(-self.then, kind="stable")[:MOST_ROWS]
        now, then = self.days
        return [
            Row(
                " – ".join(self.playing[i].name for i in pairs[at]),
                100 * float(self.now[at]),
                100 * float(self.then[at]),
                in_words(now[pairs[at]]),
                in_words(then[pairs[at]]),
            )
            for at in map(int, order)
        ]

    @property
    def more(self) -> int:
        """Pairs that have no row."""
        return max(len(self.then) - MOST_ROWS, 0)

    @cached_property
    def pace(self) -> str:
        """When pairs are separated by the policy that holds."""
        if not self.per_day:
            return "Nobody has voted in the last two weeks, so no days can be given."
        if not self._rated:
            return "No two of these contestants are rated yet, so no days can be given."
        return (
            f"At {counted(round(self.per_day) or 1, 'vote')} a day, as in the last two weeks, "
            f"{self._soon(0)} of {counted(self._rated, 'pair')} are separated within {MONTH} days."
        )

    @cached_property
    def effect(self) -> str:
        """What the policy to be saved changes of that."""
        known = self.per_day and self._rated
        return f"With this policy, {self._soon(1)} are." if known else ""

    @property
    def _rated(self) -> int:
        """The number of pairs whose days are known."""
        days = self.days[0]
        return int((~np.isnan(days[np.triu_indices(len(days), 1)])).sum())

    def _soon(self, which: int) -> int:
        days = self.days[which]
        return int((days[np.triu_indices(len(days), 1)] <= MONTH).sum())

    @cached_property
    def days(self) -> tuple[FloatArray, FloatArray]:
        """(n, n) until each pair is separated, now and then; NaN where it is not known."""
        nothing = np.full((len(self.playing),) * 2, np.nan)
        snapshot = listing.newest(self.campaign)
        if snapshot is None or not self.per_day:
            return nothing, nothing
        keys = Rating.objects.filter(snapshot=snapshot).order_by("contestant_id")
        number = {key: i for i, key in enumerate(keys.values_list("contestant_id", flat=True))}
        kept = covariances.read(snapshot.pk, Settings())
        member = {int(one): place for place, one in enumerate(kept.uncertainty.members)}
        at = {
            i: member[number[one.pk]]
            for i, one in enumerate(self.playing)
            if number.get(one.pk) in member
        }
        chosen, places = [*at][:MOST_TIMED], [*at.values()][:MOST_TIMED]
        if len(chosen) < 2:
            return nothing, nothing
        scores = kept.scores[kept.uncertainty.members[places]]
        among = kept.uncertainty.covariance[np.ix_(places, places)]
        critical = kept.critical if np.isfinite(kept.critical) else POINTWISE

        def timed(pairs: Weights) -> FloatArray:
            found, drawn = nothing.copy(), _square(pairs)[np.ix_(chosen, chosen)]
            found[np.ix_(chosen, chosen)] = days_until_separated(
                scores, among, drawn, self.per_day, critical
            )
            return found

        return timed(self.now), timed(self.then)


def met(campaign: Campaign, playing: Sequence[int]) -> Allowed | None:
    """Which pairs have prompts in common; None where every prompt is for all."""
    if campaign.kind != Campaign.Kind.PREPARED:
        return None
    return Answered.of(campaign).pairs(playing) > 0


def _square(pairs: Weights) -> FloatArray:
    n = round((1 + (1 + 8 * len(pairs)) ** 0.5) / 2)
    square = np.zeros((n, n))
    square[np.triu_indices(n, 1)] = pairs
    found: FloatArray = square + square.T
    return found


def in_words(days: float) -> str:
    if np.isnan(days):
        return "not known"
    if days == 0:
        return "separated"
    if np.isinf(days):
        return "never at this gap"
    if days > TEN_YEARS:
        return "over ten years"
    return "within a day" if days < 1 else counted(int(np.ceil(days)), "day")
