"""Open versus closed."""

from __future__ import annotations

from ratings.archive.results import result_of
from ratings.charts import Figure
from ratings.findings import open_closed as drawn
from ratings.models import Snapshot
from ratings.presentation.board_view import BoardView

from .figures import pages_of


def figures_of(snapshot: Snapshot) -> list[Figure]:
    return drawn.figures(snapshot, BoardView(snapshot).all_lines, result_of(snapshot))


# /leaderboard/<campaign>/open-and-closed/ and, below it, <figure>.csv
open_closed, figure_data = pages_of("open_closed", figures_of)
