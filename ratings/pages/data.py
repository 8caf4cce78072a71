"""The leaderboard elsewhere: CSV, Atom, an embedded table, an image for links."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET

from ratings.archive import table
from ratings.board_view import BoardView, rating_data
from ratings.cached import by_snapshot
from ratings.changes import changes
from ratings.charts import Figure
from ratings.choices import Choices

from .finding import campaign_of, newest, overall
from .snapshots import published_of

COLUMNS = (
    "model", "slug", "organisation", "licence", "access", "stands_in_for", "parameters", "score",
    "lower", "upper", "rank_low", "rank_high", "votes", "win_rate", "status",
)  # fmt: skip


@by_snapshot
@require_GET
def board_csv(request: HttpRequest, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/leaderboard.csv, with the filters of the page"""
    choices = Choices.of(request.GET)
    board = BoardView(newest(campaign_of(campaign), choices), choices)
    rows = [rating_data(line.rating) for line in board.lines]
    text = table(COLUMNS, ([row[name] for name in COLUMNS] for row in rows))
    return HttpResponse(text, content_type="text/csv; charset=utf-8")


@by_snapshot
@require_GET
def feed(request: HttpRequest, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/feed.atom: what changed from publication to publication"""
    chosen = campaign_of(campaign)
    published = list(published_of(chosen).order_by("-pk")[:11])
    entries = [{"snapshot": new, "changes": changes(old, new)} for new, old in pairwise(published)]
    context = {"campaign": chosen, "entries": entries, "published": published}
    return render(
        request, "leaderboard/feed.xml", context, content_type="application/atom+xml; charset=utf-8"
    )


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@by_snapshot
@require_GET
def embed(request: HttpRequest, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/embed/: the first lines, for an iframe elsewhere"""
    chosen = campaign_of(campaign)
    context = {"campaign": chosen, "board": BoardView(overall(chosen), Choices.of(request.GET))}
    return render(request, "leaderboard/embed.html", context)


@by_snapshot
@require_GET
def image(request: HttpRequest, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/image.svg: for whoever shows a link with a picture"""
    chosen = campaign_of(campaign)
    board = BoardView(overall(chosen))
    rows = [line for line in board.lines if line.rated][:7]
    context = {"campaign": chosen, "board": board, "rows": list(enumerate(rows))}
    return render(request, "leaderboard/image.svg", context, content_type="image/svg+xml")


def figure_csv(figures: Iterable[Figure], name: str) -> HttpResponse:
    """What stands behind one of the figures of a page."""
    for figure in figures:
        if figure.name == name:
            return HttpResponse(figure.csv(), content_type="text/csv; charset=utf-8")
    raise Http404("There is no such figure.")
