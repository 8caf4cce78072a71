"""The pages about the arena itself, and the context of every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..exporting import consent
from ..sites import LIVE, LiveSite, context_of, path_of
from ..votes.voters import voter_of
from .health import look as look_at_health
from .status import look as look_at_status


def context(request: HttpRequest) -> dict[str, Any]:
    return context_of(LiveSite(request))


@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """/about/consent/"""
    if (voter := voter_of(request.COOKIES)) is not None:
        consent.withdraw(voter)
    return redirect(path_of("about") + "#consent")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """/about/"""
    voter = voter_of(request.COOKIES)
    given = consent.given_by(voter) if voter else None
    return render(request, "about.html", {"consent": given})


@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """/status/, which says what is away even if it is the database, where sessions are"""
    health = look_at_health()
    found = look_at_status(health) if health.servers_answer else None
    sentences = found.sentences if found else health.problems
    return render(request, "status.html", {"status": found, "sentences": sentences})


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """/favicon.ico, which browsers request if a page names no icon"""
    return redirect(LIVE.asset("img/mark.svg"), permanent=True)


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """/healthz: whether everything the arena needs is working; 503 with messages if not."""
    found = look_at_health()
    return JsonResponse(found.as_data(), status=200 if found.is_well else 503)
