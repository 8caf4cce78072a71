"""The top of a board as a picture for link previews: SVG, and PNG for the many sites that accept
nothing else. Each process caches it until there is a newer snapshot."""

from __future__ import annotations

import textwrap
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

from arena.models import Campaign
from arena.pages.pictures import png_of
from arena.sites import context_of
from ratings.presentation.board_view import BoardView
from ratings.presentation.lines import Line
from ratings.presentation.sheets import scale_of

from .finding import campaign_of, overall
from .public import PublicPage, Visit

MOST_LINES = 7
STEP = 54  # from line to line, in the picture's 1200 x 630
PLOT = (600, 1030)
TITLE_WIDTH = 42  # letters


@PublicPage
def svg(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/image.svg"""
    return HttpResponse(drawn(visit, campaign_of(campaign)), content_type="image/svg+xml")


@PublicPage
def png(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/image.png"""
    return HttpResponse(png_of(drawn(visit, campaign_of(campaign))), content_type="image/png")


def drawn(visit: Visit, campaign: Campaign) -> str:
    board = BoardView(overall(campaign))
    lines = [line for line in board.lines if line.rated][:MOST_LINES]
    title = textwrap.wrap(board.finding, TITLE_WIDTH)[:2]
    context = {
        "campaign": campaign,
        "votes": board.snapshot.votes if board.snapshot else 0,
        "title": [(92 + 56 * i, text) for i, text in enumerate(title)],
        "measure_y": 92 + 56 * len(title) - 10,
        "rows": rows(lines, 150 + 56 * len(title)),
    }
    return render_to_string("leaderboard/image.svg", context | context_of(visit.site))


def rows(lines: list[Line], top: int) -> list[dict[str, Any]]:
    """Each line with its positions in the picture."""
    scale = scale_of([line.rating for line in lines])
    left, right = PLOT

    def x(score: float | None) -> float:
        return round(left + (right - left) * scale.at(score or 0.0) / 100, 1)

    return [
        {
            "line": line,
            "y": top + STEP * i,
            "text_y": top + STEP * i + 9,
            "left": x(line.rating.lower),
            "centre": x(line.rating.score),
            "right": x(line.rating.upper),
        }
        for i, line in enumerate(lines)
    ]
