"""Boards before and after a change, as `settings.BOARD_PREVIEW` computes them, for pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string

from ..models import Campaign
from .tallies import Counts, Key

MOST_LINES = 50
NONE = "–"
HEAD = ["Model", "Place before", "after", "Score before", "after", "Difference", "Votes before",
        "after"]  # fmt: skip


class Table(NamedTuple):
    title: str
    head: list[str]
    rows: list[list[str]]


# From a campaign and what is added to its tallies to what its board would be, as JSON.
BoardPreview = Callable[[Campaign, "dict[Key, Counts]"], "dict[str, Any]"]


def preview(campaign: Campaign, added: dict[Key, Counts]) -> dict[str, Any]:
    """The board of a campaign before and after `added` is added to its tallies, as JSON."""
    compute: BoardPreview = import_string(settings.BOARD_PREVIEW)
    return compute(campaign, added)


def board_view(board: dict[str, Any]) -> dict[str, Any]:
    """The lines that change, those that change most first."""
    lines = [line_view(line["name"], *line["both"]) for line in board["lines"]]
    moved = [line for line in lines if line["moved"]]
    moved.sort(key=lambda line: -line["by"])
    same = len(lines) - len(moved)
    return {**board, "moved": moved[:MOST_LINES], "same": same, "more": len(moved) - MOST_LINES}


def line_view(name: str, before: Any, after: Any) -> dict[str, Any]:
    old, new = (one["score"] if one else None for one in (before, after))
    by = float("inf") if old is None or new is None else new - old
    return {
        "name": name,
        "before": before,
        "after": after,
        "moved": before != after,
        "by": abs(by),
        "difference": f"{by:+.1f}".replace("-", "−") if by != float("inf") else "",
    }


def told(board: dict[str, Any]) -> str:
    """What a change of a board (`board_view`) comes to, in a sentence."""
    before, after = (f"{votes:,}" for votes in board["votes"])
    note = board["note"] or ("" if board["moved"] else "No score changes.")
    rest = [f"{board['more']:,} more change less."] if board["more"] > 0 else []
    same = [f"{board['same']:,} stay as they are."] if board["same"] and board["moved"] else []
    return " ".join([f"{before} votes before, {after} after.", *filter(None, [note]), *rest, *same])


def table(board: dict[str, Any]) -> Table:
    """The lines that change, for the page of a job."""
    title = f"Leaderboard of {board['campaign']}, before and after"
    return Table(title, HEAD, [_cells(line) for line in board["moved"]])


def _cells(line: dict[str, Any]) -> list[str]:
    both = [line["before"] or {}, line["after"] or {}]
    places = [str(one.get("position") or NONE) for one in both]
    scores = [NONE if one.get("score") is None else f"{one['score']:.1f}" for one in both]
    votes = [f"{one.get('votes', 0):,}" for one in both]
    return [line["name"], *places, *scores, line["difference"], *votes]
