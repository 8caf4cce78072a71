"""The formats that votes can be exported in, one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..votes import ExportedVote
from . import arena_33k, arena_55k, arena_100k, arena_140k, comparia, comparia_turns, evenhand


@dataclass(frozen=True)
class Format:
    name: str
    title: str
    columns: dict[str, Any]
    row: Callable[[ExportedVote], dict[str, Any]]
    counted_only: bool = True  # else all votes, each with its standing
    has_skips: bool = False  # a file beside it holds the battles without a verdict


_all = (
    Format("arena-33k", "chatbot_arena_conversations", arena_33k.COLUMNS, arena_33k.row),
    Format("arena-55k", "arena-human-preference-55k", arena_55k.COLUMNS, arena_55k.row),
    Format("arena-100k", "arena-human-preference-100k", arena_100k.COLUMNS, arena_100k.row),
    Format("arena-140k", "arena-human-preference-140k", arena_140k.COLUMNS, arena_140k.row),
    Format("comparia", "comparia-votes", comparia.COLUMNS, comparia.row),
    Format(
        "comparia-turns", "compar:IA's export by turn", comparia_turns.COLUMNS, comparia_turns.row
    ),
    Format(
        "evenhand", "everything this arena records", evenhand.COLUMNS, evenhand.row,
        counted_only=False, has_skips=True,
    ),
)  # fmt: skip
FORMATS = {format.name: format for format in _all}
