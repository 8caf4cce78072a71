"""What the board of a campaign says of two models now, in a few cheap look-ups: nothing is rated
here, and a board that is not there yet is no error."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from arena.models import Campaign, Contestant

from ..archive.results import result_of
from ..boards import listing
from ..core.questions.compare import Comparison
from ..models import Rating, Snapshot
from .pair import comparison_of
from .sentences import percents


@dataclass(frozen=True)
class OnBoard:
    """Two models, by slug, on a campaign's board.

    Attributes:
        listed: those that have a page on the leaderboard.
        comparison: None if there are not enough votes yet.
        is_exact: otherwise the comparison has the widest interval possible.
    """

    a: str
    b: str
    listed: frozenset[str] = frozenset()
    comparison: Comparison | None = None
    is_exact: bool = True

    @property
    def query(self) -> str:
        """Of the page that compares them."""
        return urlencode({"a": self.a, "b": self.b})

    @property
    def share(self) -> list[str]:
        """The share of votes that the first wins, and its interval."""
        found = self.comparison
        return percents(found.probability, found.lower, found.upper) if found else []


def on_board(campaign: Campaign, a: Contestant, b: Contestant) -> OnBoard | None:
    """None if the campaign has no public board."""
    if campaign.visibility == Campaign.Visibility.INVITATION:
        return None
    snapshot = listing.newest(campaign)
    listed = listed_in(snapshot, a, b) if snapshot else frozenset()
    if snapshot is None or len(listed) < 2:
        return OnBoard(a.slug, b.slug, listed)
    result = result_of(snapshot)
    numbers = [result.index[one.slug] for one in (a, b) if one.slug in result.index]
    if len(numbers) < 2:  # staff have changed a slug since the snapshot
        return OnBoard(a.slug, b.slug, listed)
    comparison, _ = comparison_of(result, *numbers)
    return OnBoard(a.slug, b.slug, listed, comparison, result.ratings.is_exact(*numbers))


def listed_in(snapshot: Snapshot, *models: Contestant) -> frozenset[str]:
    lines = Rating.objects.filter(snapshot=snapshot, contestant__in=models)
    return frozenset(lines.values_list("contestant__slug", flat=True))
