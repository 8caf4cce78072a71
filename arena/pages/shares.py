"""Sharing a voted battle: its voter's buttons, and what others see of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..errors import Code, Refused
from ..exporting import consent, shares
from ..exporting.shares import SharedBattle
from ..exporting.votes import Exchange
from ..generating.endings import explanation
from ..markdown import blocks
from ..models import Side, Vote
from ..sites import path_of
from .battles import own_battle
from .pictures import lines_of, png_of
from .site import context

MOST_IN_LINK = 1_000  # characters


@require_POST
def share(request: HttpRequest, public_id: str) -> HttpResponse:
    """/battles/<public_id>/share/"""
    vote = _own_vote(request, public_id)
    if request.POST.get("consent") == "yes":
        consent.give(vote.voter)
    shares.share(vote)
    return redirect(path_of("battle", public_id) + "#share")


@require_POST
def stop(request: HttpRequest, public_id: str) -> HttpResponse:
    """/battles/<public_id>/share/stop/"""
    shares.stop(_own_vote(request, public_id))
    return redirect(path_of("battle", public_id) + "#share")


@never_cache
@require_safe
def page(request: HttpRequest, token: str) -> HttpResponse:
    """/shared/<token>/"""
    shared = shares.shared(token)
    known = {
        "shared": shared,
        "turns": turns(shared),
        "same_prompt": same_prompt(shared),
    }
    return _for_people_only(render(request, "shared.html", known))


@never_cache
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """/shared/<token>/image.png"""
    shared = shares.shared(token)
    svg = render_to_string("shared.svg", drawing(shared) | context(request))
    return _for_people_only(HttpResponse(png_of(svg), content_type="image/png"))


def same_prompt(shared: SharedBattle) -> str:
    """The query that puts the prompt into the box of the start page; "" if it is too long."""
    return urlencode({"prompt": shared.prompt}) if len(shared.prompt) <= MOST_IN_LINK else ""


def drawing(shared: SharedBattle) -> dict[str, Any]:
    """The texts of the picture, each line with its place."""
    finding = lines_of(shared.finding, 46, 2)
    colours = {Side.A: ("#1d5fb8", "#eef4fc"), Side.B: ("#b4510b", "#fdf2e9")}
    return {
        "shared": shared,
        "finding": placed(finding, 84, 54),
        "prompt": placed(lines_of(shared.prompt, 76, 3), 100 + 54 * len(finding) + 20, 38),
        "sides": [
            side
            | {
                "name": placed(lines_of(str(side["contestant"]), 24, 2), 456, 46),
                "x": x,
                "text_x": x + 30,
                "colour": colours[Side(side["side"])][0],
                "tint": colours[Side(side["side"])][1],
            }
            for x, side in zip((60, 615), sides(shared), strict=True)
        ],
    }


def placed(lines: list[str], top: int, step: int) -> list[tuple[int, str]]:
    return [(top + step * i, line) for i, line in enumerate(lines)]


def sides(shared: SharedBattle) -> list[dict[str, Any]]:
    return [
        {
            "side": side,
            "contestant": shared.contestant(side),
            "is_preferred": side is shared.preferred,
        }
        for side in Side
    ]


def turns(shared: SharedBattle) -> list[dict[str, Any]]:
    """Prompts, and for each answer its side, its HTML, and the reason if it is cut off."""
    both = sides(shared)
    return [
        {"prompt": turn[0].prompt, "answers": list(map(answer, both, turn))}
        for turn in shared.turns
    ]


def answer(side: dict[str, Any], exchange: Exchange) -> tuple[Any, list[SafeString], str]:
    return side, blocks(exchange.answer), explanation(exchange.said)


def _own_vote(request: HttpRequest, public_id: str) -> Vote:
    battle = own_battle(request, public_id)[0]
    vote = Vote.objects.select_related("voter", "battle__campaign").filter(battle=battle).first()
    if vote is None:
        raise Refused(_("Vote first: only a voted battle can be shared."), code=Code.NOT_VOTED)
    return vote


def _for_people_only(response: HttpResponse) -> HttpResponse:
    """The voter chose who gets the link, and may end it: search engines would keep a copy."""
    response["X-Robots-Tag"] = "noindex"
    return response
