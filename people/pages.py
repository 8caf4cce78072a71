"""Accepting an invitation."""

from __future__ import annotations

from axes.decorators import axes_dispatch
from django.contrib import admin
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from . import invitations
from .audit import What, record
from .forms import JoinForm
from .invitations import NotOpen
from .signing_in.pages import begin


@never_cache
@sensitive_post_parameters("password1", "password2")
@axes_dispatch
def join(request: HttpRequest, code: str) -> HttpResponse:
    try:
        invitation = invitations.find(code)
        form = JoinForm(request.POST or None)
        if form.is_valid():
            user = form.save(commit=False)
            invitations.accept(invitation, user)
            record(request, What.JOINED, str(invitation), user=user)
            return begin(request, user, reverse("admin:index"))
    except NotOpen as refusal:
        # Counts towards the lock-out, like a wrong password.
        user_login_failed.send(
            __name__, credentials={"username": "invitation code"}, request=request
        )
        return _page(request, {"refusal": str(refusal)}, 410)
    return _page(request, {"form": form, "invitation": invitation}, 200)


def _page(request: HttpRequest, about: dict[str, object], status: int) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": "Join", **about}
    return TemplateResponse(request, "admin/people/join.html", context, status=status)
