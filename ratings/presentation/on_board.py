"""What the board of a campaign says of two models now, in a few cheap look-ups: nothing is rated
here, and a board that is not there yet is no error."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from arena.models import Campaign, Contestant

from ..archive import covariances
from ..boards import listing
from ..core import Settings
from ..core.data.errors import NotRatedError
from ..core.methods.kept import Kept
from ..core.questions.compare import Comparison, compare
from ..freshness import for_an_epoch
from ..models import Rating
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
    number, ratings = scores_of(snapshot.pk) if snapshot else ({}, None)
    listed = frozenset(one.slug for one in (a, b) if one.pk in number)
    if ratings is None or len(listed) < 2:
        return OnBoard(a.slug, b.slug, listed)
    pair = number[a.pk], number[b.pk]
    try:
        comparison = compare(ratings, *pair)
    except NotRatedError:
        return OnBoard(a.slug, b.slug, listed)
    return OnBoard(a.slug, b.slug, listed, comparison, ratings.is_exact(*pair))


@for_an_epoch
def scores_of(snapshot: int) -> tuple[dict[int, int], Kept]:
    """The models of an overall board, by primary key, with their numbers among its stored scores.
    Without its archive, which takes ten times as long to read."""
    lines = Rating.objects.filter(snapshot=snapshot).order_by("contestant_id")
    models = lines.values_list("contestant_id", flat=True)
    number = {model: number for number, model in enumerate(models)}
    return number, covariances.read(snapshot, Settings())
