"""Which boards a campaign has, and how they are called."""

from __future__ import annotations

from arena.models import Campaign

from .models import Board

OVERALL = "overall"
Choice = tuple[Board.Method, Board.Ties]
CHOICES: tuple[Choice, ...] = (
    (Board.Method.BRADLEY_TERRY, Board.Ties.HALF),
    (Board.Method.BRADLEY_TERRY, Board.Ties.DAVIDSON),
    (Board.Method.BRADLEY_TERRY, Board.Ties.RAO_KUPPER),
    (Board.Method.ELO, Board.Ties.HALF),
)


def slug_of(method: str, ties: str, part: str = OVERALL) -> str:
    """A board's name within its campaign; what is usual is left out."""
    words = [part]
    if method != Board.Method.BRADLEY_TERRY:
        words.append(method)
    elif ties != Board.Ties.HALF:
        words.append(ties)
    return "-".join(words)


def ensure() -> None:
    """Every campaign has every choice of method and ties."""
    there = set(Board.objects.values_list("campaign_id", "slug"))
    missing = [
        Board(campaign_id=pk, slug=slug, method=method, settings={"ties": ties.value})
        for pk in Campaign.objects.values_list("pk", flat=True)
        for method, ties in CHOICES
        if (pk, slug := slug_of(method, ties)) not in there
    ]
    Board.objects.bulk_create(missing, ignore_conflicts=True)


def public_campaigns() -> list[Campaign]:
    """Those that everybody may read, the live one first."""
    campaigns = Campaign.objects.filter(visibility=Campaign.Visibility.PUBLIC)
    return sorted(campaigns, key=lambda one: (one.kind != Campaign.Kind.LIVE, one.pk))
