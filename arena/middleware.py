"""Turns errors into pages with an explanation and a way back."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from .broker import AWAY, away
from .errors import Code, Refused

READ_ONLY = "This page can only be read: it takes no data."
RETRY_AFTER_S = "10"
FORM_ONLY = "There is nothing to read at this address: it only takes what a form sends."


class RefusalMiddleware:
    """Handles any `Refused` that a view did not catch, and methods that a view does not allow, for
    which Django sends an empty page."""

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

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, AWAY):
            error = away(error)
        return page(request, error) if isinstance(error, Refused) else None


def not_allowed(request: HttpRequest, takes: str) -> HttpResponse:
    said = READ_ONLY if "GET" in takes else FORM_ONLY
    response = page(request, Refused(said, code=Code.METHOD, status=405))
    response["Allow"] = takes
    return response


def page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return render(request, "refusal.html", {"refusal": refusal}, status=refusal.status)
