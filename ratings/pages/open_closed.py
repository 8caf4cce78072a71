"""Open versus closed, and the data behind each of its figures."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from arena.models import Campaign
from ratings import open_closed as drawn
from ratings.board_view import BoardView
from ratings.cached import by_snapshot
from ratings.charts import Figure
from ratings.results import result_of

from .data import figure_csv
from .finding import campaign_of, overall


@by_snapshot
@require_safe
def open_closed(request: HttpRequest, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/open-and-closed/"""
    chosen = campaign_of(campaign)
    context = {"campaign": chosen, "figures": figures_of(chosen), "here": "open_closed"}
    return render(request, "leaderboard/open_closed.html", context)


@by_snapshot
@require_safe
def figure_data(request: HttpRequest, campaign: str, name: str) -> HttpResponse:
    """/leaderboard/<campaign>/open-and-closed/<figure>.csv"""
    return figure_csv(figures_of(campaign_of(campaign)), name)


def figures_of(campaign: Campaign) -> list[Figure]:
    snapshot = overall(campaign)
    if snapshot is None:
        return []
    return drawn.figures(snapshot, BoardView(snapshot).all_lines, result_of(snapshot))
