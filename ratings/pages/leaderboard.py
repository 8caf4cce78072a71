"""The leaderboard itself, as a page and as data."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect

from ratings.boards import listing
from ratings.models import Board
from ratings.presentation import paging
from ratings.presentation.board_view import BoardView
from ratings.presentation.choices import Choices
from ratings.presentation.paging import Address
from ratings.presentation.slice_view import chooser, slice_view
from ratings.presentation.vacancy import trouble_of, vacancy
from ratings.refreshing import replay

from .finding import campaign_of, home_campaign, newest
from .public import PublicPage, Visit, rendered


@PublicPage
def leaderboard(visit: Visit, campaign: str = "", page: str = "") -> HttpResponse:
    """/leaderboard/, /leaderboard/<campaign>/"""
    chosen = campaign_of(campaign) if campaign else home_campaign()
    choices = Choices.of(visit.query)
    snapshot = newest(chosen, choices)
    board = BoardView(snapshot, choices, paging.asked(page or visit.query.get("page", "")))
    slug = chosen.slug if chosen else ""
    address = Address(visit.site, choices.query, "leaderboard_page", slug)
    context = {
        "board": board,
        "rows": board.rows(visit.site),
        "paging": board.paging(address),
        "campaign": chosen,
        "siblings": listing.public_campaigns(),
        "choices": choices,
        "slice": slice_view(chosen, choices.part, snapshot) if chosen else None,
        "slices": chooser(chosen),
        "worth": snapshot.facts.style if snapshot else (),
        "has_texts": chosen is None or replay.has_texts(chosen),
        "methods": [each for each in Board.Method.choices if each[0] != Board.Method.STYLE],
        "ties": Board.Ties.choices,
        "trouble": trouble_of(chosen, choices),
        "vacancy": vacancy(chosen, board),
        "on": choices.day,
        "here": "board",
    }
    return rendered(visit, "leaderboard/page.html", context)


@PublicPage
def leaderboard_page(visit: Visit, campaign: str, page: str) -> HttpResponse:
    """/leaderboard/<campaign>/pages/<page>/: for static copies, which have no query parameters"""
    if visit.site.is_live:
        asked = f"page={paging.asked(page)}"
        return redirect(visit.site.link("campaign_leaderboard", campaign, query=asked))
    return leaderboard.make(visit, campaign=campaign, page=page)


@PublicPage
def data(visit: Visit, campaign: str = "") -> JsonResponse:
    """/leaderboard/data.json, /leaderboard/<campaign>/data.json: all lines of any board"""
    chosen = campaign_of(campaign) if campaign else home_campaign()
    return JsonResponse(BoardView(newest(chosen, Choices.of(visit.query))).as_data())


@PublicPage
def pulse(visit: Visit, campaign: str) -> JsonResponse:
    """/leaderboard/<campaign>/newest.json: is there a newer snapshot?"""
    found = newest(campaign_of(campaign), Choices.of(visit.query))
    return JsonResponse({"snapshot": found.pk if found else None})
