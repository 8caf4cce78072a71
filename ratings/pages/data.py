"""The leaderboard elsewhere: CSV, Parquet, Atom, an embedded table."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from csp.decorators import csp_replace
from django.http import HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt

from arena.odd_rows import Skipping
from ratings.archive import parquet
from ratings.archive.snapshot_file import table
from ratings.boards import listing
from ratings.columns import NAMES
from ratings.findings.changes import changes
from ratings.models import Snapshot
from ratings.presentation.board_view import BoardView, rating_data
from ratings.presentation.choices import Choices
from ratings.presentation.names import name_of

from .finding import campaign_of, newest
from .public import PublicPage, Visit, rendered
from .snapshots import published_of

ATOM = "application/atom+xml; charset=utf-8"


@PublicPage
def board_csv(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/leaderboard.csv, with the filters of the page"""
    return as_csv(chosen_board(visit, campaign))


@PublicPage
def board_parquet(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/leaderboard.parquet, likewise"""
    return as_parquet(chosen_board(visit, campaign))


def chosen_board(visit: Visit, campaign: str) -> BoardView:
    choices = Choices.of(visit.query)
    return BoardView(newest(campaign_of(campaign), choices), choices)


def as_csv(board: BoardView) -> HttpResponse:
    rows, left_out = rows_of(board)
    text = table(NAMES, ([row[name] for name in NAMES] for row in rows))
    return _file(text, "text/csv; charset=utf-8", left_out)


def as_parquet(board: BoardView) -> HttpResponse:
    rows, left_out = rows_of(board)
    file = parquet.written(rows, about(board.snapshot))
    return _file(file, "application/vnd.apache.parquet", left_out)


def rows_of(board: BoardView) -> tuple[list[dict[str, Any]], int]:
    """The lines of a file or of the API, and how many can't be written."""
    skipping = Skipping(board.sheet.left_out)
    return [*skipping.shown([line.rating for line in board.lines], rating_data)], skipping.count


def _file(content: str | bytes, kind: str, left_out: int) -> HttpResponse:
    """A file has no place to say that lines are missing; its header says it."""
    headers = {"X-Left-Out": str(left_out)} if left_out else {}
    return HttpResponse(content, content_type=kind, headers=headers)


def about(snapshot: Snapshot | None) -> dict[str, str]:
    """The metadata of a file."""
    if snapshot is None:
        return {}
    return {
        "campaign": snapshot.board.campaign.slug,
        "board": snapshot.board.slug,
        "votes": str(snapshot.votes),
        "computed": snapshot.created.isoformat(),
    }


@PublicPage
def feed(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/feed.atom: what changed from publication to publication of a board"""
    chosen, choices = campaign_of(campaign), Choices.of(visit.query)
    published = list(published_of(chosen, choices.board_slug).order_by("-pk")[:11])

    def entry(pair: tuple[Snapshot, Snapshot]) -> dict[str, Any]:
        new, old = pair
        identity = visit.site.identity("snapshot", new.public_id)
        return {"snapshot": new, "changes": changes(old, new), "id": identity}

    entries = [*Skipping().shown(pairwise(published), entry)]
    context = {
        "campaign": chosen,
        "name": name_of(published[0].board) if published else "",
        "entries": entries,
        "published": published,
        "query": choices.query,
        "id": visit.site.identity("feed", campaign, query=choices.query),
    }
    return rendered(visit, "leaderboard/feed.xml", context, content_type=ATOM)


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@PublicPage
def embed(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/embed/: the first lines, for an iframe elsewhere"""
    board = chosen_board(visit, campaign)
    is_usual = board.choices.board_slug == listing.OVERALL
    part = name_of(board.snapshot.board) if board.snapshot and not is_usual else ""
    context = {"campaign": campaign_of(campaign), "board": board, "part": part}
    return rendered(visit, "leaderboard/embed.html", context)
