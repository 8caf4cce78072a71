"""One page per contestant: the report of a probe, the history of probes, and a chat."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..battles import watching
from ..chats import talking, trials
from ..chats.view import ChatView
from ..errors import Refused
from ..limits import PROMPTS, TRYING
from ..models import Chat, Contestant, Probe, Revision
from ..probing import gate, running
from ..row_keys import key_of
from ..sites import path_of
from .report import Report

MOST_PROBES = 50  # in the history


class TryAdmin(admin.ModelAdmin):
    """Has only the page that contestants link to."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        def staff(view: Any) -> Any:
            return self.admin_site.admin_view(never_cache(view))

        post = require_POST
        return [
            path("<int:pk>/", staff(require_safe(self.page)), name="arena_contestant_try"),
            path("<int:pk>/probe/", staff(post(self.probe)), name="arena_contestant_probe"),
            path("<int:pk>/chat/", staff(post(self.chat)), name="arena_contestant_chat"),
            path("chat/<slug:public_id>/turns/", staff(post(self.go_on)), name="trial_continue"),
            path("chat/<slug:public_id>/stop/", staff(post(self.stop)), name="trial_stop"),
        ]

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not may_read(request):
            raise PermissionDenied
        contestant = get_object_or_404(Contestant, pk=pk)
        own = of(request).filter(revision_a__contestant=contestant)
        public_id = request.GET.get("chat", "")
        chat = get_object_or_404(own, public_id=public_id) if public_id else None
        if chat:
            watching.note(chat)
        return self._page(request, contestant, chat)

    def probe(self, request: HttpRequest, pk: int) -> HttpResponse:
        staff = staff_of(request)
        contestant = get_object_or_404(Contestant, pk=pk)
        revision = revision_of(contestant, request.POST.get("revision", ""))
        try:
            running.begin(revision, staff)
        except Refused as refusal:
            return self._page(request, contestant, refusal=refusal)
        return redirect(address(revision))

    def chat(self, request: HttpRequest, pk: int) -> HttpResponse:
        staff = staff_of(request)
        contestant = get_object_or_404(Contestant, pk=pk)
        revision = revision_of(contestant, request.POST.get("revision", ""))
        try:
            chat = trials.begin(staff, revision, request.POST.get("prompt", ""))
        except Refused as refusal:
            return self._page(request, contestant, refusal=refusal)
        return redirect(address(revision, chat))

    def go_on(self, request: HttpRequest, public_id: str) -> HttpResponse:
        staff_of(request)
        chat = get_object_or_404(of(request), public_id=public_id)
        try:
            talking.continue_(chat, request.POST.get("prompt", ""))
        except Refused as refusal:
            return self._page(request, chat.revision_a.contestant, chat, refusal)
        return redirect(address(chat.revision_a, chat))

    def stop(self, request: HttpRequest, public_id: str) -> HttpResponse:
        staff_of(request)
        chat = get_object_or_404(of(request), public_id=public_id)
        talking.stop(chat)
        return redirect(address(chat.revision_a, chat))

    def _page(
        self,
        request: HttpRequest,
        contestant: Contestant,
        chat: Chat | None = None,
        refusal: Refused | None = None,
    ) -> HttpResponse:
        asked = request.POST if request.method == "POST" else request.GET
        number = str(chat.revision_a.number) if chat else asked.get("revision", "")
        revision = revision_of(contestant, number)
        probes = Probe.objects.filter(revision__contestant=contestant)
        probes = probes.select_related("revision__contestant", "by")
        shown = probe_of(probes, revision, request.GET.get("probe", ""))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Try {contestant}",
            "contestant": contestant,
            "revision": revision,
            "revisions": contestant.revisions.order_by("-number"),
            "report": Report(shown) if shown else None,
            "is_underway": shown is not None and shown.ended is None,
            "probes": probes[:MOST_PROBES],
            "hint": gate.hint(contestant),
            "may_try": trials.may_try(request.user),
            "view": ChatView(chat) if chat else None,
            "refusal": refusal,
            "afresh": f"{address(revision)}#chat",
            "prompt": request.POST.get("prompt", ""),
            "max_prompt": PROMPTS.characters,
            "days": settings.RETENTION["trials"],
            "refresh_ms": int(1000 * TRYING.look_s),
            "opts": Contestant._meta,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/arena/contestant/try.html", context, status=status)


def may_read(request: HttpRequest) -> bool:
    return request.user.has_perm("arena.view_contestant") or trials.may_try(request.user)


def staff_of(request: HttpRequest) -> User:
    """Who asks. Raises PermissionDenied unless they may try contestants."""
    if isinstance(request.user, AnonymousUser) or not trials.may_try(request.user):
        raise PermissionDenied
    return request.user


def of(request: HttpRequest) -> Any:
    return trials.own(request.user).select_related("revision_a__contestant")


def revision_of(contestant: Contestant, number: str) -> Revision:
    """The one with that number, or the newest. Raises Http404 if there is none."""
    found = contestant.revisions.select_related("contestant").order_by("-number")
    chosen = found.filter(number=key_of(number)) if number.isdecimal() else found[:1]
    return get_object_or_404(chosen)


def probe_of(probes: Any, revision: Revision, pk: str) -> Probe | None:
    """The probe that was asked for, otherwise the newest of the revision."""
    chosen = probes.filter(pk=key_of(pk)) if pk.isdecimal() else probes.filter(revision=revision)
    found: Probe | None = chosen.first()
    return found


def address(revision: Revision, chat: Chat | None = None) -> str:
    page = path_of("admin:arena_contestant_try", revision.contestant_id)
    at = f"{page}?revision={revision.number}"
    return f"{at}&chat={chat.public_id}#chat" if chat else at
