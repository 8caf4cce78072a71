"""Who leads in each category, in a sentence each, as last published."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Min, Q

from arena.labels import slices
from arena.models import Campaign

from ..boards import listing
from ..models import Board, Rating, Snapshot
from ..presentation.sentences import of_leaders
from .by_slice import compared

FINITE = (-1e300, 1e300)


class Leader(NamedTuple):
    category: str
    votes: int
    says: str
    published: datetime | None


def leaders(campaign: Campaign, most: int) -> tuple[list[Leader], list[str]]:
    """Of the categories whose newest publications have the most votes, and the names of the other
    ones with a publication."""
    names = {b.pk: slices.name_of(b.slice) for b in compared(campaign) if listing.has_enough(b)}
    newest = listing.newest_publications(Board.objects.filter(pk__in=names))
    found = sorted(newest.defer("archive", "facts"), key=lambda one: (-one.votes, one.board_id))
    shown = found[:most]
    says = _says(shown)
    listed = [Leader(names[s.board_id], s.votes, says[s.pk], s.published) for s in shown]
    return listed, [names[s.board_id] for s in found[most:]]


def _says(snapshots: Iterable[Snapshot]) -> dict[int, str]:
    """Counted by the database: a slice may have hundreds of models, and one sentence."""
    found = {snapshot.pk: (0, 0, "") for snapshot in snapshots}
    rated = Rating.objects.filter(
        snapshot__in=found, score__range=FINITE, lower__range=FINITE, upper__range=FINITE
    )
    first = Q(rank_low=1)
    counted = (
        rated.order_by()
        .values("snapshot")
        .annotate(
            leaders=Count("pk", filter=first),
            rated=Count("pk"),
            name=Min("contestant__name", filter=first),
        )
    )
    for row in counted:
        found[row["snapshot"]] = (row["leaders"], row["rated"], row["name"] or "")
    return {pk: of_leaders(*numbers) for pk, numbers in found.items()}
