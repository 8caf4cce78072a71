"""The pages that only the voter sees: identified by cookie, never stored by browsers or proxies."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from arena.errors import Code, Refused
from arena.exporting import consent
from arena.limits import OBJECTIONS
from arena.models import Vote
from arena.sites import path_of
from arena.votes import objections
from arena.votes.voters import voter_of

from .history import entries, history
from .own_board import campaigns_of, own_board
from .receipts import Receipt


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """/mine/"""
    voter = voter_of(request.COOKIES)
    if voter is None:
        return render(request, "mine/index.html", {"voter": None})
    campaigns = campaigns_of(voter)
    asked = request.GET.get("campaign", "")
    chosen = next((one for one in campaigns if one.slug == asked), next(iter(campaigns), None))
    page = history(voter, request.GET.get("page", ""))
    context = {
        "voter": voter,
        "campaigns": campaigns,
        "board": own_board(voter, chosen) if chosen else None,
        "page": page,
        "entries": entries(page),
        "wording": consent.WORDING,
        "given": consent.given_by(voter),
        "consents": consent.history(voter),
    }
    return render(request, "mine/index.html", context)


@never_cache
@require_safe
def receipt(request: HttpRequest, public_id: str) -> HttpResponse:
    """/votes/<public_id>/"""
    return _receipt(request, _own_vote(request, public_id))


@never_cache
@require_POST
def object_to(request: HttpRequest, public_id: str) -> HttpResponse:
    """/votes/<public_id>/objections/"""
    vote, text = _own_vote(request, public_id), request.POST.get("text", "")
    try:
        objections.object_to(vote, text)
    except Refused as refusal:
        return _receipt(request, vote, refusal, text)
    return redirect(path_of("receipt", public_id) + "#objections")


def _receipt(
    request: HttpRequest, vote: Vote, refusal: Refused | None = None, text: str = ""
) -> HttpResponse:
    context = {
        "receipt": Receipt(vote),
        "may_not_object": objections.why_not(vote),
        "refusal": refusal,
        "text": text,
        "most": OBJECTIONS.characters,
    }
    status = refusal.status if refusal else 200
    return render(request, "mine/receipt.html", context, status=status)


def _own_vote(request: HttpRequest, public_id: str) -> Vote:
    """The vote on a battle of this voter. Raises Refused: the same for a battle without a vote, of
    somebody else, or that does not exist."""
    voter = voter_of(request.COOKIES)
    own = Vote.objects.filter(battle__public_id=public_id, voter=voter) if voter else None
    whole = own and own.select_related(
        "voter", "battle__campaign", "battle__contestant_a", "battle__contestant_b"
    )
    if not whole or (vote := whole.first()) is None:
        raise Refused(
            _("This browser has cast no such vote. A receipt is shown only to its voter."),
            code=Code.NO_SUCH_VOTE,
            status=404,
        )
    return vote
