"""The pages about the arena itself, and the context of every page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..exporting import consent
from ..origin import origin_of
from ..votes.voters import voter_of
from .health import look as look_at_health
from .status import look as look_at_status


def context(request: HttpRequest) -> dict[str, Any]:
    """Context of every page."""
    # Lazy: get_host raises for a host that is not allowed, and that error page must not call it.
    origin = SimpleLazyObject(lambda: origin_of(request))
    return {"site_name": settings.SITE_NAME, "site_origin": origin}


@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """/about/consent/"""
    if (voter := voter_of(request.COOKIES)) is not None:
        consent.withdraw(voter)
    return redirect(reverse("about") + "#consent")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """/about/"""
    voter = voter_of(request.COOKIES)
    given = voter is not None and consent.is_given(voter)
    return render(request, "about.html", {"has_consented": given, "consent": consent.WORDING})


@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """/status/"""
    return render(request, "status.html", {"status": look_at_status()})


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """/favicon.ico, which browsers request if a page names no icon"""
    return redirect(static("img/mark.svg"), permanent=True)


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """/healthz: whether everything the arena needs is working; 503 with messages if not."""
    found = look_at_health()
    return JsonResponse(found.as_data(), status=200 if found.is_well else 503)
