"""What every page of the admin asks of whoever is signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from . import factors, sessions, urls

REQUIRED = "Your role needs a second factor. Set up a passkey or an authenticator app to go on."
RESTED = "You were signed out, as you had not been here for a while."
# What somebody may do without one: sign in and out, and set it up.
WITHOUT = {"login", "logout", "password_change", "password_change_done", "jsi18n", "invitation"}
WITHOUT |= {pattern.name for pattern in urls.urlpatterns}


def is_in_admin(request: HttpRequest) -> bool:
    """By its address: some of its pages are not those of Django's site."""
    return request.path_info.startswith(reverse("admin:index"))


class StaffMiddleware:
    """Lists the session, ends one that nobody used for long, and leads those whose second factor is
    missing to where they set it up."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and match.view_name == "admin:logout" and request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cache"'  # pages to which a browser goes back
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or not is_in_admin(request):
            return None
        if not isinstance(request.user, User) or not request.user.is_staff:
            return None
        if sessions.has_rested(request):
            logout(request)
            messages.info(request, RESTED)
            return redirect_to_login(request.get_full_path(), "admin:login")
        sessions.note(request)
        if match.url_name in WITHOUT or not factors.is_missing(request.user):
            return None
        messages.warning(request, REQUIRED)
        return redirect("mfa_index")
