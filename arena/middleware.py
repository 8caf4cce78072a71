"""The language of a page, and pages with an explanation and a way back in place of errors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import escape_leading_slashes
from django.utils.translation import (
    get_language_from_path,
    get_language_from_request,
    gettext,
    gettext_noop,
    override,
)

from . import room
from .broker import AWAY, away
from .errors import Code, Refused
from .sites import CHOICE, path_of
from .transactions import is_away

READ_ONLY = gettext_noop("This page can only be read: it takes no data.")
RETRY_AFTER_S = "10"
FORM_ONLY = gettext_noop(
    "There is nothing to read at this address: it only takes what a form sends."
)
DATABASE_AWAY = gettext_noop(
    "The database cannot be reached at the moment. Go back and send this again in half a minute."
)
PAGE_AWAY = gettext_noop(
    "The database cannot be reached at the moment. Load this page again in half a minute."
)
logger = logging.getLogger(__name__)
# Their views check the room themselves, and keep what was typed.
KEEPING = {"begin", "continue", "campaign_begin", "vote", "chats", "chat_continue"}
SAFE = {"GET", "HEAD", "OPTIONS"}

YEAR_S = 365 * 24 * 3600


class LanguageMiddleware:
    """A page has the language that its address begins with, or else the default, whatever the
    browser asks for: so an address can be shared and its page cached (docs/decisions/0019). Only
    the front page, where visits begin, leads to the visitor's own language."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        with override(language):
            is_front = request.path == path_of("home") and language == settings.LANGUAGE_CODE
            response = _led_elsewhere(request, is_front) or self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if is_front:
            patch_vary_headers(response, ("Accept-Language", "Cookie", "Sec-Fetch-Site"))
        return response


def _led_elsewhere(request: HttpRequest, is_front: bool) -> HttpResponse | None:
    if request.method not in ("GET", "HEAD"):
        return None
    if CHOICE in request.GET:
        return _chosen(request)
    if not is_front or request.headers.get("Sec-Fetch-Site") == "same-origin":
        return None  # whoever is inside already reads the language of the page they come from
    if (own := get_language_from_request(request)) != settings.LANGUAGE_CODE:
        with override(own):
            return _redirected(path_of("home"), request.META.get("QUERY_STRING", ""))
    return None


def _chosen(request: HttpRequest) -> HttpResponse:
    """Remember the language that a link of the switch names, and go on to the page."""
    query = request.GET.copy()
    language = query.pop(CHOICE, [""])[-1]
    response = _redirected(escape_leading_slashes(request.path), query.urlencode())
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            str(language),
            max_age=YEAR_S,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return response


def _redirected(path: str, query: str) -> HttpResponse:
    response = redirect(f"{path}?{query}" if query else path)
    response["Cache-Control"] = "private, no-store"
    return response


class RefusalMiddleware:
    """Handles any `Refused` that a view did not catch, a full disk, an absent database, and
    methods that a view does not allow, for which Django sends an empty page."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return not_allowed(request, response["Allow"])
        if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers.setdefault("Retry-After", RETRY_AFTER_S)
        return response

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """While the disk is full, the pages can be read, the admin too."""
        match = request.resolver_match
        if request.method in SAFE or (match is not None and match.url_name in KEEPING):
            return None
        try:
            room.check()
        except Refused as refusal:
            return page(request, refusal)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, AWAY):
            error = away(error)
        elif room.is_lacking(error):
            error = room.refusal()
        elif is_away(error):
            logger.warning("the database is unavailable: %s", error)
            said = PAGE_AWAY if request.method in SAFE else DATABASE_AWAY
            error = Refused(gettext(said), code=Code.DATABASE_AWAY, status=503)
        return page(request, error) if isinstance(error, Refused) else None


def not_allowed(request: HttpRequest, takes: str) -> HttpResponse:
    said = READ_ONLY if "GET" in takes else FORM_ONLY
    response = page(request, Refused(gettext(said), code=Code.METHOD, status=405))
    response["Allow"] = takes
    return response


def page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    response = render(request, "refusal.html", {"refusal": refusal}, status=refusal.status)
    if refusal.retry_s:
        response["Retry-After"] = str(refusal.retry_s)
    return response
