"""The leaderboard itself, as a page and as data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from arena.models import Campaign
from ratings.boards import listing
from ratings.freshness import for_a_moment
from ratings.models import Board, Trouble
from ratings.pages.cached import by_snapshot
from ratings.presentation import paging
from ratings.presentation.board_view import BoardView
from ratings.presentation.choices import Choices
from ratings.presentation.paging import Address
from ratings.presentation.slice_view import chooser, slice_view
from ratings.refreshing import replay, troubles

from .finding import campaign_of, home_campaign, newest

_troubles = for_a_moment(troubles.of)


def _trouble(campaign: Campaign | None, choices: Choices) -> Trouble | None:
    """Why the chosen board is stale. The board of a day never is."""
    if campaign is None or choices.day:
        return None
    return _troubles(campaign).get(choices.board_slug)


@by_snapshot
@require_safe
def leaderboard(request: HttpRequest, campaign: str = "", page: str = "") -> HttpResponse:
    """/leaderboard/, /leaderboard/<campaign>/"""
    chosen = campaign_of(campaign) if campaign else home_campaign()
    choices = Choices.of(request.GET)
    snapshot = newest(chosen, choices)
    board = BoardView(snapshot, choices, paging.asked(page or request.GET.get("page", "")))
    slug = chosen.slug if chosen else ""
    address = Address.of(request, choices.query, "leaderboard_page", slug)
    context = {
        "board": board,
        "paging": board.paging(address),
        "campaign": chosen,
        "siblings": listing.public_campaigns(),
        "choices": choices,
        "slice": slice_view(chosen, choices.part, snapshot) if chosen else None,
        "slices": chooser(chosen),
        "worth": snapshot.facts.style if snapshot else (),
        "has_texts": chosen is None or replay.has_texts(chosen),
        "with_texts": replay.with_texts(chosen) if chosen and choices.style and not snapshot else 0,
        "methods": [each for each in Board.Method.choices if each[0] != Board.Method.STYLE],
        "ties": Board.Ties.choices,
        "trouble": _trouble(chosen, choices),
        "on": choices.day,
        "here": "board",
    }
    return render(request, "leaderboard/page.html", context)


@require_safe
def leaderboard_page(request: HttpRequest, campaign: str, page: str) -> HttpResponse:
    """/leaderboard/<campaign>/pages/<page>/: for static copies, which have no query parameters"""
    if "STATIC_SITE" in request.META:
        return leaderboard(request, campaign, page)
    return redirect(f"{reverse('campaign_leaderboard', args=[campaign])}?page={paging.asked(page)}")


@by_snapshot
@require_safe
def data(request: HttpRequest, campaign: str = "") -> JsonResponse:
    """/leaderboard/data.json, /leaderboard/<campaign>/data.json: all lines of any board"""
    chosen = campaign_of(campaign) if campaign else home_campaign()
    return JsonResponse(BoardView(newest(chosen, Choices.of(request.GET))).as_data())


@by_snapshot
@require_safe
def pulse(request: HttpRequest, campaign: str) -> JsonResponse:
    """/leaderboard/<campaign>/newest.json: is there a newer snapshot?"""
    found = newest(campaign_of(campaign), Choices.of(request.GET))
    return JsonResponse({"snapshot": found.pk if found else None})
