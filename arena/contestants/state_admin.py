"""Changing the state of one contestant or of many: a page says what follows and asks why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from ..errors import Refused
from ..models import Contestant
from ..plurals import counted
from . import lifecycle
from .forms import StateForm
from .listing import abilities, rows


class StateChanges(admin.ModelAdmin):
    actions = ["change_state"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.state_view)
        return [path("<int:pk>/state/", view, name="arena_contestant_state"), *super().get_urls()]

    @admin.action(description="Change the state, with a reason", permissions=["change"])
    def change_state(
        self, request: HttpRequest, queryset: QuerySet[Contestant]
    ) -> HttpResponse | None:
        asked = request.POST if "reason" in request.POST else None
        return self._ask(request, list(queryset.order_by("name")), asked)

    def state_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        one = get_object_or_404(Contestant, pk=pk)
        page = self._ask(request, [one], request.POST if request.method == "POST" else None)
        return page or redirect("admin:arena_contestant_change", pk)

    def _ask(
        self, request: HttpRequest, chosen: list[Contestant], asked: Any
    ) -> HttpResponse | None:
        """The page that asks; None once it is done."""
        form = StateForm(asked, initial={"state": request.GET.get("to", "")})
        if form.is_valid() and self._done(request, chosen, form):
            return None
        known = rows(chosen)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Change the state of {counted(len(chosen), 'contestant')}",
            "form": form,
            "chosen": [(one, known[one.pk]) for one in chosen],
            "is_one": "_selected_action" not in request.POST,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/contestant/state.html", context)

    def _done(self, request: HttpRequest, chosen: list[Contestant], form: StateForm) -> bool:
        state, reason = form.cleaned_data["state"], form.cleaned_data["reason"]
        anyway = form.cleaned_data["anyway"]
        try:
            changed = lifecycle.change_state(chosen, state, reason, request.user, anyway=anyway)
        except Refused as why:
            form.add_error(None, str(why))
            return False
        said = f"{counted(len(changed), 'contestant')} now {Contestant.State(state).label}."
        self.message_user(request, said, messages.SUCCESS)
        if state == Contestant.State.ACTIVE:
            self.say_who_cannot(request, changed)
        return True

    def say_who_cannot(self, request: HttpRequest, contestants: list[Contestant]) -> None:
        """Warn of those that are active now but cannot answer."""
        fresh = Contestant.objects.filter(pk__in=[one.pk for one in contestants])
        for found in abilities(fresh).values():
            if found.is_of_concern:
                said = f"{found.contestant} cannot answer yet. {found.sentence}"
                self.message_user(request, said, messages.WARNING)
