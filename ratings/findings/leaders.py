"""Who leads in each category, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from arena.models import Campaign
from arena.odd_rows import Skipping

from ..models import Rating
from ..presentation.lines import Line
from ..presentation.sentences import of_board
from ..presentation.sheets import scale_of, sound
from .by_slice import Part, parts_of


class Leader(NamedTuple):
    category: str
    votes: int
    says: str


def leaders(campaign: Campaign, most: int) -> tuple[list[Leader], list[Part]]:
    """Of the categories with the most votes, and the other ones with a ranking."""
    rated = [part for part in parts_of(campaign) if part.snapshot is not None]
    shown = rated[:most]
    lines = _lines(part.snapshot.pk for part in shown if part.snapshot)
    found = [
        Leader(part.name, part.snapshot.votes, of_board(lines.get(part.snapshot.pk, [])))
        for part in shown
        if part.snapshot
    ]
    return found, rated[most:]


def _lines(snapshots: Iterable[int]) -> dict[int, Sequence[Line]]:
    stored = Rating.objects.filter(snapshot__in=[*snapshots]).select_related("contestant")
    found: dict[int, list[Rating]] = {}
    for rating in Skipping().shown(stored.order_by("snapshot", "position"), sound):
        found.setdefault(rating.snapshot_id, []).append(rating)
    return {
        snapshot: [Line(rating, scale_of(ratings)) for rating in ratings]
        for snapshot, ratings in found.items()
    }
