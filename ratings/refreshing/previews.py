"""The board of a campaign before and after a change of its tallies, for whoever is about to make
it. Computed by the same code as the board itself, so it is what the board will be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from arena.counting.tallies import Counts, Key
from arena.labels.slices import OVERALL
from arena.models import Campaign, Contestant

from ..core import RatingsError
from ..models import Board, Rating, Snapshot
from . import publications, records
from .apart import LARGE_MODELS
from .reading import Input, read_inside

LARGE = f"Boards of more than {LARGE_MODELS:,} models are not previewed."
NOTHING = "No board can be computed from these votes."
TOLD = ("position", "score", "lower", "upper", "votes", "status")
Line = dict[str, Any]


def preview(campaign: Campaign, added: Mapping[Key, Counts]) -> dict[str, Any]:
    """The lines of each model before and after, as JSON: `TOLD`, null where it has none."""
    found: dict[str, Any] = {"campaign": campaign.name, "votes": [0, 0], "lines": [], "note": ""}
    before = read_inside(campaign)
    after = with_added(before, added)
    found["votes"] = [before.votes, after.votes]
    if len(after.contestants) > LARGE_MODELS:
        return {**found, "note": LARGE}
    both = [_lines(campaign, given) for given in (before, after)]
    if not any(both):
        return {**found, "note": NOTHING}
    names = {one.pk: one.name for given in (before, after) for one in given.contestants}
    lines = [{"name": name, "both": [one.get(pk) for one in both]} for pk, name in names.items()]
    return {**found, "lines": sorted(lines, key=_place)}


def with_added(given: Input, added: Mapping[Key, Counts]) -> Input:
    """The input with these counts added to its tallies; a pair without votes is not in them."""
    counts = {(first, second): np.array(rest) for first, second, *rest in given.rows.tolist()}
    for (part, first, second), more in added.items():
        if part == OVERALL:
            counts[first, second] = counts.get((first, second), np.zeros(4, int)) + np.array(more)
    left = [(pair, numbers) for pair, numbers in sorted(counts.items()) if numbers.any()]
    rows = [[*pair, *map(int, numbers)] for pair, numbers in left]
    table = np.array(rows, dtype=np.int64).reshape(-1, given.rows.shape[1])
    known = Contestant.objects.in_bulk(np.unique(table[:, :2]).tolist())
    return replace(given, rows=table, contestants=[known[pk] for pk in sorted(known)])


def _lines(campaign: Campaign, given: Input) -> dict[int, Line]:
    board = Board.objects.filter(campaign=campaign, slug=OVERALL).first()
    board = board or Board(campaign=campaign, settings={"ties": Board.Ties.HALF.value})
    if not given.votes:
        return {}
    try:
        result = publications.rate(board, given, None)
    except RatingsError:
        return {}
    unsaved = Snapshot(board=board)
    lines = records.lines(unsaved, given.contestants, result.ratings)
    return {one.contestant_id: told(one) for one in lines}


def told(line: Rating) -> Line:
    return {name: getattr(line, name) for name in TOLD}


def _place(line: Line) -> int:
    places = [one["position"] for one in line["both"] if one]
    return min(places, default=0)
