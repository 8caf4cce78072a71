"""The campaigns' pages: a list, a start page of each, and the start of its battles."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..battles import admission, guests, turns
from ..campaigns import taking_part
from ..errors import Code, Refused
from ..exporting import consent
from ..limiting import gates
from ..limiting.clients import client_of
from ..limits import PROMPTS
from ..models import Battle, Campaign, Voter
from ..sites import path_of
from ..votes import revealing
from ..votes.voters import remember, voter_of, voter_or_new
from .campaign_view import view
from .refusing import with_refusal
from .suggestions import of_campaign, turn_of


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """/campaigns/"""
    public = Campaign.objects.filter(visibility=Campaign.Visibility.PUBLIC).order_by("-pk")
    return render(request, "campaigns/index.html", {"views": [view(each) for each in public]})


@never_cache
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """/campaigns/<slug>/"""
    campaign = _find(request, slug)
    if "invitation" in request.GET:
        return _without_code(request, campaign)
    return _page(request, campaign, prompt=request.GET.get("prompt", ""))


@require_POST
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """/campaigns/<slug>/battles/"""
    campaign, known = _find(request, slug), voter_of(request.COOKIES)
    try:
        _gate(request, campaign, known)
    except Refused as refusal:  # before there is a voter: a flood makes none
        return _page(request, campaign, refusal, known, request.POST.get("prompt", ""))
    voter = known or voter_or_new(request)
    gates.arrive(client_of(request, voter), is_new=known is None)
    if request.POST.get("consent") == "yes":
        consent.give(voter)
    response = _begun(request, campaign, voter)
    remember(response, voter)
    return response


@require_POST
def reveal(request: HttpRequest, slug: str) -> HttpResponse:
    """/campaigns/<slug>/reveal/: the voter ends their share, and is told who wrote what"""
    campaign, voter = _find(request, slug), voter_of(request.COOKIES)
    try:
        revealing.end_share(campaign, voter)
    except Refused as refusal:
        return _page(request, campaign, refusal)
    return redirect(path_of("campaign", slug) + "#told")


def _gate(request: HttpRequest, campaign: Campaign, voter: Voter | None) -> None:
    client = client_of(request, voter)
    if campaign.kind == Campaign.Kind.LIVE:
        gates.begin(client, voter, request.POST)
    else:
        gates.begin_prepared(client, request.POST)


def _begun(request: HttpRequest, campaign: Campaign, voter: Voter) -> HttpResponse:
    prompt = request.POST.get("prompt", "")
    try:
        guests.admit(campaign, voter, _code(request, campaign.slug), admission.now())
        battle = _begin(campaign, voter, prompt, request.POST.get("anyway", ""))
    except Refused as refusal:
        if refusal.code is Code.ALL_JUDGED:
            return redirect("campaign", campaign.slug)  # which says thank you
        return _page(request, campaign, refusal, voter, prompt)
    gates.begun(client_of(request, voter), battle)
    return redirect("battle", battle.public_id)


def _begin(campaign: Campaign, voter: Voter, prompt: str, anyway: str) -> Battle:
    if campaign.kind == Campaign.Kind.LIVE:
        return turns.begin(voter, prompt, campaign, anyway)
    return taking_part.begin(campaign, voter)


def kept(request: HttpRequest, slug: str, refusal: Refused, prompt: str) -> HttpResponse:
    """The start page with what was refused. Raises Refused if the visitor may not see it."""
    return _page(request, _find(request, slug), refusal, prompt=prompt)


def _find(request: HttpRequest, slug: str) -> Campaign:
    """The campaign. An invitation is only needed once, in the link: the session remembers it. Staff
    may look at any."""
    if request.user.has_perm("arena.view_campaign"):
        return taking_part.find_any(slug)
    return taking_part.find(slug, voter_of(request.COOKIES), _code(request, slug))


def _code(request: HttpRequest, slug: str) -> str:
    return request.GET.get("invitation") or str(request.session.get(f"invitation:{slug}", ""))


def _without_code(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """The same page, at an address that can be shared or logged without its invitation."""
    if guests.is_by_invitation(campaign):
        request.session[f"invitation:{campaign.slug}"] = request.GET["invitation"]
    response = redirect("campaign", campaign.slug)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _page(
    request: HttpRequest,
    campaign: Campaign,
    refusal: Refused | None = None,
    voter: Voter | None = None,  # one whose cookie is not set yet
    prompt: str = "",
) -> HttpResponse:
    voter = voter or voter_of(request.COOKIES)
    turn = turn_of(request.GET.get("suggestions", ""))
    shown = view(campaign, voter)
    is_refused = bool(prompt) and campaign.kind == Campaign.Kind.LIVE  # nothing written is lost
    context = {
        "view": shown,
        "asks": is_refused or (shown.can_ask and not shown.is_front),
        "prompt": prompt,
        "suggestions": of_campaign(campaign, turn),
        "next_suggestions": turn + 1,
        "consent": consent.WORDING,
        "has_consented": voter is not None and consent.is_given(voter),
        "max_prompt": PROMPTS.characters,
    }
    return with_refusal(request, "campaigns/page.html", context, refusal)
