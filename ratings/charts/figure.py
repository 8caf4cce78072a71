from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ratings.archive.snapshot_file import table


@dataclass(frozen=True)
class Figure:
    """A drawing with title, table and notes. Without a drawing, `absent` says why."""

    name: str  # in URLs
    title: str  # the finding
    subtitle: str  # the measure
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]  # the numbers behind the drawing
    kind: str = ""  # of template
    drawing: Any = None
    absent: str = ""
    note: str = ""
    every: Callable[[], Sequence[Sequence[Any]]] | None = None  # rows, if cut

    @property
    def template(self) -> str:
        return f"leaderboard/charts/{self.kind}.html"

    def csv(self) -> str:
        return table(self.columns, self.every() if self.every else self.rows)
