"""What voters do with their data: consent, download, delete, take it to another device."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from arena.errors import Code, Refused
from arena.exporting import consent as consents
from arena.models import Voter
from arena.sites import LiveSite, path_of
from arena.votes import claiming, forgetting, own_data
from arena.votes.voters import forget_cookie, remember, voter_of

FILE = "my-arena.json"


@never_cache
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """/mine/consent/"""
    voter = _voter(request)
    if request.POST.get("consent") == "yes":
        consents.give(voter)
    else:
        consents.withdraw(voter)
    return redirect(path_of("mine") + "#consent")


@never_cache
@require_safe
def download(request: HttpRequest) -> HttpResponseBase:
    """/mine/data.json"""
    pieces = own_data.pieces(_voter(request))
    response = StreamingHttpResponse(_sent(pieces), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{FILE}"'
    return response


async def _sent(pieces: Iterator[str]) -> AsyncIterator[bytes]:
    following = sync_to_async(partial(next, pieces, None))
    while (piece := await following()) is not None:
        yield piece.encode()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """/mine/delete/: what would be deleted; with a confirmation, it is."""
    voter, refusal = voter_of(request.COOKIES), None
    if request.method == "POST":
        if request.POST.get("sure") == "yes":
            return _deleted(_voter(request))
        sentence = _("Tick the box first: this cannot be undone.")
        refusal = Refused(sentence, code=Code.NOT_SURE, status=400)
    context = {"voter": voter, "refusal": refusal}
    return render(request, "mine/delete.html", context, status=refusal.status if refusal else 200)


def _deleted(voter: Voter) -> HttpResponse:
    forgetting.forget(voter)
    response = redirect(path_of("mine_deleted"))
    forget_cookie(response)
    return response


@never_cache
@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """/mine/deleted/"""
    return render(request, "mine/deleted.html")


@never_cache
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """/mine/link/: a code for another device, shown once"""
    code = claiming.code_for(_voter(request))
    address = LiveSite(request).address("mine_claim")
    context = {"code": code, "link": f"{address}#{code}", "minutes": claiming.KEPT_S // 60}
    return render(request, "mine/link.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """/mine/claim/: only its form spends a code, so opening the link for a preview does not"""
    refusal = None
    if request.method == "POST":
        try:
            return _claimed(request)
        except Refused as refused:
            refusal = refused
    context = {"refusal": refusal, "voter": voter_of(request.COOKIES)}
    status = refusal.status if refusal else 200
    return render(request, "mine/claim.html", context, status=status)


def _claimed(request: HttpRequest) -> HttpResponse:
    voter = claiming.claim(request.POST.get("code", "")[:100], voter_of(request.COOKIES))
    response = redirect(path_of("mine"))
    remember(response, voter)
    return response


def _voter(request: HttpRequest) -> Voter:
    """Raises Refused."""
    if (voter := voter_of(request.COOKIES)) is None:
        sentence = _("This browser has no data here. They may have been deleted already.")
        raise Refused(sentence, code=Code.NOBODY, status=404)
    return voter
