"""A leaderboard of one voter's votes, shrunk towards everybody's, and how often the two agree.

It is rated when it is asked for, unlike every other board: that takes milliseconds, as the votes of
one voter are few, and nobody else sees it. `LIMITS` bounds it all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from django.db.models import Count
from django.utils.translation import gettext as _

from arena.models import Campaign, Contestant, Verdict, Vote, Voter
from arena.votes.revealing import TOLD

from ..archive.votes_file import OUTCOMES
from ..boards import listing
from ..core import Tallies
from ..core.methods.shrunk import SPREAD, shrunk
from ..core.uncertainty.proportions import wilson_interval
from ..limits import OWN_BOARDS
from ..models import Board, Rating
from ..presentation.lines import Line, Scores

LEVEL = 0.95
DECISIVE = (Verdict.A, Verdict.B)


class Judged(NamedTuple):
    """A vote between two models, by primary key."""

    a: int
    b: int
    verdict: str


@dataclass(frozen=True)
class OwnLine:
    """A model on the voter's own board, next to its line on everybody's."""

    general: Line
    votes: int
    score: float
    lower: float
    upper: float
    scale: Scores

    @property
    def contestant(self) -> Contestant:
        return self.general.contestant

    @property
    def interval(self) -> str:
        numbers = {"low": f"{self.lower:.0f}", "high": f"{self.upper:.0f}"}
        return _("%(low)s to %(high)s") % numbers

    @property
    def differs(self) -> str:
        """Whether the voter rates it higher or lower than everybody, beyond the interval."""
        theirs = self.general.rating.score or 0.0
        return "higher" if self.lower > theirs else "lower" if self.upper < theirs else ""

    # For the drawing of its interval.
    provisional = beyond = False
    middle = None

    @property
    def left(self) -> float:
        return self.scale.at(self.lower)

    @property
    def centre(self) -> float:
        return self.scale.at(self.score)

    @property
    def right(self) -> float:
        return self.scale.at(self.upper)


@dataclass(frozen=True)
class Agreement:
    """The share of the voter's decisive votes that went to the model with the higher score."""

    agreed: int
    votes: int

    @cached_property
    def _share(self) -> tuple[float, float, float]:
        hits, trials = np.array([float(self.agreed)]), np.array([float(self.votes)])
        low, high = wilson_interval(hits, trials, LEVEL)
        return self.agreed / self.votes, float(low[0]), float(high[0])

    @property
    def percents(self) -> list[str]:
        """The share and its Wilson interval."""
        return [f"{100 * value:.0f}" for value in self._share]


@dataclass(frozen=True)
class OwnBoard:
    """The voter's own leaderboard in one campaign.

    Attributes:
        votes: how many it is made from; unknown: how many could not be used, as one of their models
            has no score yet; capped: whether only the newest votes are used.
    """

    campaign: Campaign
    lines: Sequence[OwnLine]
    votes: int
    unknown: int
    capped: bool
    agreement: Agreement | None
    spread: float = SPREAD
    most: int = OWN_BOARDS.votes

    @property
    def axis(self) -> list[tuple[float, str]]:
        return [(mark.at, mark.label) for mark in self.lines[0].scale.marks()]


def campaigns_of(voter: Voter) -> list[Campaign]:
    """The campaigns whose leaderboards may be seen and that the voter has voted in, most votes
    first."""
    own = Vote.objects.filter(TOLD, voter=voter, standing=Vote.Standing.COUNTED)
    counts = own.values_list("battle__campaign").annotate(votes=Count("pk")).order_by("-votes")
    hidden = Campaign.Visibility.INVITATION
    known = Campaign.objects.exclude(visibility=hidden).in_bulk([pk for pk, votes in counts])
    return [known[pk] for pk, votes in counts if pk in known]


def own_board(voter: Voter, campaign: Campaign) -> OwnBoard:
    """Of the voter's counted votes in a campaign, as far as the voter knows who was judged."""
    judged = _judged(voter, campaign)
    general = _general(campaign, {pk for vote in judged for pk in (vote.a, vote.b)})
    known = [vote for vote in judged if vote.a in general and vote.b in general]
    models = [pk for pk, votes in _counted(known).most_common(OWN_BOARDS.models)]
    among = set(models)
    rated = [vote for vote in known if vote.a in among and vote.b in among]
    return OwnBoard(
        campaign=campaign,
        lines=_lines(rated, models, general) if rated else [],
        votes=len(rated),
        unknown=len(judged) - len(rated),
        capped=len(judged) == OWN_BOARDS.votes,
        agreement=agreement(known, general),
    )


def _judged(voter: Voter, campaign: Campaign) -> list[Judged]:
    own = Vote.objects.filter(
        TOLD, voter=voter, battle__campaign=campaign, standing=Vote.Standing.COUNTED
    ).order_by("-pk")
    columns = own.values_list("battle__contestant_a", "battle__contestant_b", "verdict")
    return [Judged(*row) for row in columns[: OWN_BOARDS.votes]]


def _general(campaign: Campaign, models: set[int]) -> dict[int, Line]:
    """The lines of these models on the newest overall board, as far as they have a score."""
    board = Board.objects.filter(campaign=campaign, slug=listing.OVERALL)
    newest = listing.newest_snapshots(board).first()
    rated = Rating.objects.filter(snapshot=newest, contestant__in=models, score__isnull=False)
    scale = Scores(0.0, 0.0)  # not drawn
    return {one.contestant_id: Line(one, scale) for one in rated.select_related("contestant")}


def _counted(votes: Sequence[Judged]) -> Counter[int]:
    return Counter(pk for vote in votes for pk in (vote.a, vote.b))


def _lines(
    votes: Sequence[Judged], models: Sequence[int], general: Mapping[int, Line]
) -> list[OwnLine]:
    place = {pk: i for i, pk in enumerate(models)}
    a, b = ([place[getattr(vote, side)] for vote in votes] for side in "ab")
    verdicts = [OUTCOMES[vote.verdict] for vote in votes]
    centre = [general[pk].rating.score for pk in models]
    found = shrunk(Tallies.from_votes(a, b, verdicts, len(models)), np.array(centre), level=LEVEL)
    scale = Scores(float(found.lower.min()), float(found.upper.max()))
    counts = _counted(votes)
    lines = [
        OwnLine(
            general[pk], counts[pk],
            float(found.scores[i]), float(found.lower[i]), float(found.upper[i]), scale,
        )
        for i, pk in enumerate(models) if counts[pk]
    ]  # fmt: skip
    return sorted(lines, key=lambda line: -line.score)


def agreement(votes: Sequence[Judged], general: Mapping[int, Line]) -> Agreement | None:
    """None without a decisive vote between two models with different scores."""
    agreed = decisive = 0
    for vote in votes:
        lead = (general[vote.a].rating.score or 0.0) - (general[vote.b].rating.score or 0.0)
        if vote.verdict in DECISIVE and lead:
            decisive += 1
            agreed += (lead > 0) == (vote.verdict == Verdict.A)
    return Agreement(agreed, decisive) if decisive else None
