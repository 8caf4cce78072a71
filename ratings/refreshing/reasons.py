"""What voters say of each model: the share of its answers of which they gave a reason, for each
reason. Counted with a publication, from votes that count on the board then.

The share is of all answers in votes whose voter gave any reason, for either side: whoever gives
reasons has seen both answers, so silence about one is an answer, too. Of the answers alone of which
something was said, a model that mostly loses, and is praised when it wins, would look as good as
the best; of all votes, one that is seen by talkative voters would.

A reason that came later or is archived is counted from the first vote that has it, or to the last,
without these two, as they were chosen for having it.

Answers of one voter are taken together (`core.uncertainty.voter_shares`). Not taken into account:
whom a model met, and what was asked. The share of all answers stands beside it; a model is above
or below it if its interval is, with a confidence that holds for all models and reasons at once.
That takes the share of all as exact, but it moves along with that of the model, a part of it.

Nothing is told of single voters: shares need enough equally active ones, have few digits, and
change when several have given reasons, as sums over voters do (`clusterings`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from arena.models import Campaign, Reason, Side, Vote, VoteReason

from ..archive.voters_file import FEWEST_EFFECTIVE
from ..core.data.arrays import BoolArray, FloatArray, IntArray
from ..core.uncertainty.voter_shares import VoterShares, voter_shares
from ..models import ReasonShare
from .clusterings import FEWEST_NEW
from .reading import one_moment

LEVEL = 0.95
FEWEST_ANSWERS = 50
MOST_VOTES = 100_000  # the newest with a reason: it bounds the work
DIGITS = 3
SIDES = {side: place for place, side in enumerate(Side)}
Relation = ReasonShare.Relation


@dataclass(frozen=True, eq=False)
class Given:
    """Votes with reasons that count, in the order they were cast.

    Attributes:
        votes: (N, 4) primary keys of the vote, its voter and the contestants A and B.
        reasons: (T, 3) place of the vote, 0 for A or 1 for B, and primary key of the reason.
    """

    votes: IntArray
    reasons: IntArray


@dataclass(frozen=True, eq=False)
class Found:
    """The shares of a reason, by contestant."""

    reason: Reason
    shares: VoterShares

    @property
    def enough(self) -> BoolArray:
        return (self.shares.answers >= FEWEST_ANSWERS) & (self.shares.effective >= FEWEST_EFFECTIVE)

    @property
    def of_all(self) -> float:
        return float(self.shares.hits.sum() / self.shares.answers.sum())

    def relations(self, level: float) -> IntArray:
        low, high = self.shares.interval(level)
        return np.select([low > self.of_all, high < self.of_all], [Relation.ABOVE, Relation.BELOW])


def measure(campaign: Campaign) -> None:
    known = ReasonShare.objects.filter(campaign=campaign).first()
    if known is not None and 0 < _voters_since(campaign, known.newest) < FEWEST_NEW:
        return
    with one_moment():
        now, given = timezone.now(), _read(campaign)
        newest = VoteReason.objects.aggregate(newest=Max("pk", default=0))["newest"]
    made = [*_shares(campaign, given, now)] if len(given.votes) >= settings.SLICE_VOTES else []
    for one in made:
        one.newest = newest
    with transaction.atomic():
        ReasonShare.objects.filter(campaign=campaign).delete()
        ReasonShare.objects.bulk_create(made)


def _voters_since(campaign: Campaign, newest: int) -> int:
    """How many have given reasons since then, in new votes or in those that they had cast."""
    given = VoteReason.objects.filter(pk__gt=newest, vote__battle__campaign=campaign)
    return given.order_by().values("vote__voter").distinct().count()


def _read(campaign: Campaign) -> Given:
    counted = Vote.objects.filter(
        Exists(VoteReason.objects.filter(vote=OuterRef("pk"))),
        battle__campaign=campaign,
        standing=Vote.Standing.COUNTED,
    )
    newest = counted.order_by("-pk")[:MOST_VOTES]
    votes = _table(
        newest.values_list("pk", "voter", "battle__contestant_a", "battle__contestant_b"), 4
    )[::-1]
    reasons = VoteReason.objects.filter(vote__in=newest.values("pk")).order_by()
    rows = _table(
        ((vote, SIDES[Side(side)], one) for vote, side, one in
         reasons.values_list("vote", "side", "reason")), 3
    )  # fmt: skip
    rows[:, 0] = np.searchsorted(votes[:, 0], rows[:, 0])
    return Given(votes, rows)


def _table(rows: Iterable[tuple[int, ...]], columns: int) -> IntArray:
    return np.array([*rows], dtype=np.int64).reshape(-1, columns)


def _shares(campaign: Campaign, given: Given, now: datetime) -> Iterator[ReasonShare]:
    contestants, groups = np.unique(given.votes[:, 2:], return_inverse=True)
    groups = groups.reshape(-1, 2)
    all_found = [
        found for reason in Reason.objects.all() if (found := _found(reason, given, groups))
    ]
    looked_at = sum(int(found.enough.sum()) for found in all_found)
    simultaneous = LEVEL ** (1 / max(looked_at, 1))  # Šidák's inequality
    for found in all_found:
        low, high = found.shares.interval(LEVEL)
        relations = found.relations(simultaneous)
        for i in np.flatnonzero(found.shares.answers):
            enough = bool(found.enough[i])
            yield ReasonShare(
                campaign=campaign,
                contestant_id=contestants[i],
                reason=found.reason,
                answers=found.shares.answers[i],
                share=_rounded(found.shares.share[i], low[i], high[i]) if enough else None,
                of_all=_rounded(found.of_all)[0],
                relation=relations[i] if enough else None,
                counted=now,
            )


def _rounded(*numbers: float) -> list[float]:
    return [round(float(number), DIGITS) for number in numbers]


def _found(reason: Reason, given: Given, groups: IntArray) -> Found | None:
    """None if nobody gave it, or no model has enough: the share of all would be that of a few."""
    at, side, _reason = given.reasons[given.reasons[:, 2] == reason.pk].T
    if not len(at):
        return None
    named = np.zeros_like(groups, dtype=bool)
    named[at, side] = True
    some = slice(at.min() + 1, at.max() if reason.archived else None)
    group, hits, answers = _by_voter(given.votes[some, 1], groups[some], named[some])
    if not len(group):
        return None
    found = Found(reason, voter_shares(group, hits, answers, int(groups.max()) + 1))
    return found if found.enough.any() else None


def _by_voter(
    voter: IntArray, groups: IntArray, named: BoolArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Of each contestant and voter: the contestant, its answers with the reason, and all."""
    one_more = int(voter.max(initial=0)) + 1
    pairs, row = np.unique(groups.ravel() * one_more + np.repeat(voter, 2), return_inverse=True)
    hits, answers = np.bincount(row, named.ravel(), len(pairs)), np.bincount(row)
    return pairs // one_more, hits.astype(np.float64), answers.astype(np.float64)
