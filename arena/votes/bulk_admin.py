"""Bulk changes of standings in the admin: what one would do, doing it, and undoing it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from ..browsing.lists import QuickAdmin
from ..counting import bulk, reasons
from ..counting.board_changes import board_view
from ..errors import Refused
from ..models import BulkChange, Objection, Verdict, Vote
from ..plurals import counted

State = BulkChange.State


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text="Shown to readers beside the number of votes left out, in files of votes and on "
        f"the vote's receipt. Usual reasons: {', '.join(reasons.WORDS)}.",
    )


class BulkChangeAdmin(QuickAdmin):
    list_display = ["what", "reason", "state", "number", "made_by", "created", "applied", "undone"]
    list_select_related = ["by"]

    @admin.display(description="bulk change")
    def what(self, change: BulkChange) -> str:
        return str(change).capitalize()

    @admin.display(description="votes")
    def number(self, change: BulkChange) -> str:
        return f"{change.changed:,}" if change.applied else f"{change.preview['changing']:,}"

    @admin.display(description="by")
    def made_by(self, change: BulkChange) -> str:
        return change.who

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkChange]:
        return super().get_queryset(request).defer("votes")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        change = self.get_object(request, object_id)
        if change is None:
            raise Http404("There is no such bulk change.")
        form = ReasonForm(request.POST or None) if is_asking(change) else None
        if request.method == "POST":
            if not request.user.has_perm("arena.change_vote"):
                raise PermissionDenied
            if "undo" in request.POST or form is None or form.is_valid():
                self._do(request, change, form)
                return redirect(request.path)
        return self._page(request, change, form)

    def _do(self, request: HttpRequest, change: BulkChange, form: forms.Form | None) -> None:
        """Apply or undo the change; say what was done, and log it in the admin's history."""
        is_undo = "undo" in request.POST
        reason = None if is_undo else form.cleaned_data["reason"] if form else ""
        try:
            is_done = bulk.ask(change, reason)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        if is_done is None:  # a second click
            self.message_user(request, "This was asked for before, and is done once.")
            return
        change.refresh_from_db()
        number = counted(change.restored if is_undo else change.changed, "vote")
        said = f"Undone: {number} as before." if is_undo else f"Applied to {number}."
        if not is_done:
            said = "The background worker does this now; reload this page in a moment."
        log = BulkChange.objects.filter(pk=change.pk)
        told = f"{said} Reason: {change.reason}" if change.reason and not is_undo else said
        LogEntry.objects.log_actions(str(request.user.pk), log, CHANGE, change_message=told)
        self.message_user(request, f"{said} Leaderboards update within seconds.", messages.SUCCESS)

    def _page(
        self, request: HttpRequest, change: BulkChange, form: forms.Form | None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title_of(change),
            "change": change,
            "form": form,
            "verdicts": [(Verdict(one).label, n) for one, n in _verdicts(change)],
            "objections": Objection.objects.filter(vote__in=change.votes),
            "boards": [board_view(board) for board in change.preview.get("boards", [])],
            "may_change": request.user.has_perm("arena.change_vote"),
            "is_exclusion": change.after == Vote.Standing.EXCLUDED,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/bulkchange/page.html", context)


def _verdicts(change: BulkChange) -> Iterable[tuple[str, int]]:
    found: dict[str, int] = change.preview.get("verdicts", {})
    return found.items()


def is_asking(change: BulkChange) -> bool:
    return change.state == State.DRAFT and change.after == Vote.Standing.EXCLUDED


def title_of(change: BulkChange) -> str:
    number = change.changed if change.applied else change.preview.get("changing", 0)
    votes = counted(number, "vote")
    undone = ", undone" if change.undone else ""
    if change.after == Vote.Standing.PENDING:
        return f"Held {votes}{undone}"
    if change.after == Vote.Standing.EXCLUDED:
        return f"Excluded {votes}{undone}" if change.applied else f"Exclude {votes}?"
    return f"Counted {votes} again{undone}" if change.applied else f"Count {votes} again?"
