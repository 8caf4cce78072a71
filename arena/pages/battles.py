"""A battle's pages. A `Refused` shows the same page again with its message; no input is lost."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from inference.contract import traces

from ..battles import admission, skipping, stopping, turns, watching
from ..battles.languages import languages_of
from ..errors import Code, Refused
from ..exporting import consent
from ..limiting import gates
from ..limiting.clients import client_of
from ..limits import PROMPTS
from ..models import Battle, Campaign, Voter
from ..sites import path_of
from ..votes import casting, criteria, revealing
from ..votes.voters import remember, voter_of, voter_or_new
from . import campaigns
from .presentation import BattleView
from .refusing import with_refusal
from .suggestions import suggestions, turn_of
from .unvoted import unvoted


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """/"""
    return _home(request, prompt=request.GET.get("prompt", ""))


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """/battles/"""
    prompt, known = request.POST.get("prompt", ""), voter_of(request.COOKIES)
    try:
        gates.begin(client_of(request, known), known, request.POST)
    except Refused as refusal:  # before there is a voter: a flood makes none
        return _home(request, prompt=prompt, refusal=refusal, voter=known)
    voter = known or voter_or_new(request)
    gates.arrive(client_of(request, voter), is_new=known is None)
    if request.POST.get("consent") == "yes":
        consent.give(voter)
    try:
        battle = turns.begin(voter, prompt, anyway=request.POST.get("anyway", ""))
    except Refused as refusal:
        response = _home(request, prompt=prompt, refusal=refusal, voter=voter)
    else:
        gates.begun(client_of(request, voter), battle)
        response = redirect("battle", battle.public_id)
    remember(response, voter)
    return response


# Compressed: nobody but its voter can put anything on this page, so its length tells no secret that
# is on it (BREACH). Tokens are masked anew each time, too, and Django adds noise to the length.
@never_cache
@gzip_page
@require_safe
def battle(request: HttpRequest, public_id: str) -> HttpResponse:
    """/battles/<public_id>/"""
    found, _voter = own_battle(request, public_id)
    watching.note(found)
    return _battle(request, found)


@require_POST
def continue_(request: HttpRequest, public_id: str) -> HttpResponse:
    """/battles/<public_id>/turns/"""
    prompt = request.POST.get("prompt", "")
    try:
        found, voter = own_battle(request, public_id)
    except Refused as refusal:  # the voter's cookie has expired, for example
        return _home(request, prompt=prompt, refusal=refusal)
    try:
        gates.ask(client_of(request, voter))
        turn = turns.continue_(found, prompt, request.POST.get("anyway", ""))
    except Refused as refusal:
        return _kept(request, found, refusal, prompt)
    return redirect(path_of("battle", public_id) + f"#turn-{turn.number}")


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What a form without a valid token gets instead of its page: its prompt back, with a new
    token."""
    if (prompt := request.POST.get("prompt")) is None:
        return csrf_failure(request, reason)
    refusal = Refused(
        _(
            "The page was open for too long, or cookies are disabled, so nothing was sent. Your "
            "text is still in the box: send it again."
        ),
        code=Code.EXPIRED,
        status=403,
    )
    asked = resolve(request.path_info)
    try:
        if asked.view_name == "continue":
            found, _voter = own_battle(request, asked.kwargs["public_id"])
            return _kept(request, found, refusal, prompt)
        if asked.view_name == "campaign_begin":
            return campaigns.kept(request, asked.kwargs["slug"], refusal, prompt)
    except Refused:
        pass  # not theirs, or no longer
    return _home(request, prompt=prompt, refusal=refusal)


@require_POST
def stop(request: HttpRequest, public_id: str) -> HttpResponse:
    """/battles/<public_id>/stop/"""
    found, _voter = own_battle(request, public_id)
    stopping.stop(found, seen=request.POST.get("seen", ""))
    return redirect("battle", public_id)


@require_POST
def vote(request: HttpRequest, public_id: str) -> HttpResponse:
    """/battles/<public_id>/vote/"""
    found, voter = own_battle(request, public_id)
    client, is_new = client_of(request, voter), found.state == Battle.State.OPEN
    seen = casting.Seen.parse(request.POST.get("turn", ""), request.POST.get("seen", ""))
    try:
        gates.vote(client, found)
        said = criteria.read(request.POST)
        casting.cast(found, voter, request.POST.get("verdict", ""), seen, said)
    except Refused as refusal:
        found.refresh_from_db()
        return _battle(request, found, refusal=refusal)
    if is_new:
        gates.voted(client, found)
    return redirect(path_of("battle", public_id) + "#reveal")


@require_POST
def skip(request: HttpRequest, public_id: str) -> HttpResponse:
    """/battles/<public_id>/skip/"""
    found, voter = own_battle(request, public_id)
    is_new = found.state == Battle.State.OPEN
    try:
        skipping.skip(found, seen=request.POST.get("seen", ""))
    except Refused as refusal:
        found.refresh_from_db()
        return _battle(request, found, refusal=refusal)
    if is_new:
        revealing.after(found)
        gates.skipped(client_of(request, voter))
    return redirect(path_of("battle", public_id) + "#skipped")


def own_battle(request: HttpRequest, public_id: str) -> tuple[Battle, Voter]:
    found = Battle.objects.filter(public_id=public_id).first()
    if found is None:
        raise Refused(_("There is no such battle."), code=Code.NO_SUCH_BATTLE, status=404)
    voter = voter_of(request.COOKIES)
    if voter is None or found.voter_id != voter.pk:
        raise Refused(
            _("This battle belongs to another voter. Start one of your own."),
            code=Code.NOT_YOURS,
            status=403,
        )
    traces.join(traces.of(public_id))
    return found, voter


def _kept(request: HttpRequest, found: Battle, refusal: Refused, prompt: str) -> HttpResponse:
    """The follow-up in a box: that of the start page, if the battle takes no more."""
    found.refresh_from_db()
    if BattleView(found).can_continue:
        return _battle(request, found, refusal=refusal, prompt=prompt)
    if not found.campaign.is_front:
        return campaigns.kept(request, found.campaign.slug, refusal, prompt)
    return _home(request, prompt=prompt, refusal=refusal)


def _home(
    request: HttpRequest,
    prompt: str,
    refusal: Refused | None = None,
    voter: Voter | None = None,  # one whose cookie is not set yet
) -> HttpResponse:
    voter = voter or voter_of(request.COOKIES)
    turn, front = turn_of(request.GET.get("suggestions", "")), Campaign.live()
    context = {
        "prompt": prompt,
        "closed": admission.why_closed(front),
        "languages": languages_of(front),
        "suggestions": suggestions(front, turn),
        "next_suggestions": turn + 1,
        "unvoted": unvoted(voter, front) if voter else [],
        "consent": consent.WORDING,
        "has_consented": voter is not None and consent.is_given(voter),
        "max_prompt": PROMPTS.characters,
    }
    return with_refusal(request, "home.html", context, refusal)


def _battle(
    request: HttpRequest, found: Battle, refusal: Refused | None = None, prompt: str = ""
) -> HttpResponse:
    context = {
        "view": BattleView(found, criteria.read(request.POST)),
        "prompt": prompt,
        "max_prompt": PROMPTS.characters,
    }
    return with_refusal(request, "battle.html", context, refusal)
