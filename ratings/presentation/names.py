"""The names of boards on pages and in URLs."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from django.utils.translation import gettext as _

from arena.labels import slices
from arena.odd_rows import Skipping

from ..models import Board, Snapshot
from .choices import Choices
from .slice_view import order_of

GROUPS = {"": slices.WHOLE_NAMES[slices.OVERALL], **slices.GROUPS}


class Listed(NamedTuple):
    """A board in a list of boards, with one of its snapshots."""

    name: str
    query: str
    snapshot: Snapshot


def listed(snapshots: Iterable[Snapshot]) -> list[tuple[str, list[Listed]]]:
    """Snapshots, one per board, in groups: all votes by method, then slices by group."""
    groups: dict[str, list[Listed]] = {group: [] for group in GROUPS}
    shown = Skipping().shown(snapshots, _placed)
    for _order, group, listing in sorted(shown, key=itemgetter(0)):
        groups[group].append(listing)
    return [(str(GROUPS[group]), found) for group, found in groups.items() if found]


def _placed(snapshot: Snapshot) -> tuple[tuple[int, ...], str, Listed]:
    """Its place among the others, its group, and its line."""
    board = snapshot.board
    name = method_of(board) if board.slice == slices.OVERALL else name_of(board)
    listing = Listed(name, query_of(board), snapshot)
    return (*order_of(board), board.pk), slices.group_of(board.slice), listing


def name_of(board: Board) -> str:
    """Which votes it covers and, unless it is the default, the method."""
    votes = slices.name_of(board.slice)
    return votes if board.slug == board.slice else f"{votes}{_(', ')}{method_of(board)}"


def method_of(board: Board) -> str:
    method = str(board.get_method_display())
    if board.ties == Board.Ties.HALF:
        return method
    ties = Board.Ties(board.ties).label
    return _("%(method)s, ties by %(ties)s") % {"method": method, "ties": ties}


def query_of(board: Board) -> str:
    named = {"slice": board.slice, "ties": board.ties}
    if board.method == Board.Method.STYLE:
        return Choices.of({**named, "style": "on"}).query
    return Choices.of({**named, "method": board.method}).query
