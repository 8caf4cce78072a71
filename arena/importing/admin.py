"""Imports and their votes in the admin, and the page that has an import withdrawn or taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.formats import date_format

from people.audit import What, record

from ..browsing.filters import Filters, choice
from ..browsing.lists import QuickAdmin
from ..errors import Refused
from ..jobs import running
from ..jobs.admin import JobView
from ..models import Campaign, Import, ImportChange, Verdict
from ..plurals import counted
from . import changing, withdrawing
from .changing import Act

MAY_CHANGE = "arena.change_import"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text="Readers see it on the page of the campaign.",
    )


class ImportFilters(Filters):
    lookups = {"campaign": "campaign", "name": "name__icontains"}

    name = forms.CharField(label="file", required=False, max_length=100)
    campaign = forms.ModelChoiceField(
        Campaign.objects.order_by("name"), required=False, empty_label="any"
    )
    standing = choice("standing", {"counted": "counted", "withdrawn": "withdrawn"})

    def by_standing(self, standing: str) -> Q:
        return Q(withdrawn__isnull=standing == "counted")


class ImportAdmin(QuickAdmin):
    filters = ImportFilters
    list_display = [
        "name", "campaign", "format", "votes", "repeated", "set_aside", "created", "standing",
    ]  # fmt: skip
    list_select_related = ["campaign"]

    @admin.display
    def standing(self, source: Import) -> str:
        return standing_of(source, getattr(source, "act", None))

    def filled(self, rows: Sequence[Import]) -> list[Import]:
        acts = changing.under_way()
        for row in rows:
            row.act = acts.get(row.pk)  # type: ignore[attr-defined]
        return [*rows]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        return super().get_queryset(request).defer("summed_up")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        source = self.get_object(request, object_id)
        if source is None:
            raise Http404("There is no such import.")
        act = asked_act(request)
        form = ReasonForm(request.POST if act not in (None, Act.PREVIEW) else None)
        if act is not None:
            if not request.user.has_perm(MAY_CHANGE):
                raise PermissionDenied
            if act == Act.PREVIEW or form.is_valid():
                self._order(request, source, act, getattr(form, "cleaned_data", {}))
                return redirect(request.path)
        return self._page(request, source, form)

    def _order(self, request: HttpRequest, source: Import, act: Act, given: dict[str, Any]) -> None:
        try:
            job = changing.order(source, act, given.get("reason", ""), request.user)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        record(request, What.ORDERED, f"{job.name}: {source}", given.get("reason", ""))
        running.wake()

    def _page(self, request: HttpRequest, source: Import, form: forms.Form) -> HttpResponse:
        views = [JobView(job) for job in changing.jobs_of(source)]
        act = changing.under_way().get(source.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{source.name} in {source.campaign}",
            "source": source,
            "votes": counted(source.votes, "vote"),
            "standing": standing_of(source, act),
            "is_changing": act not in (None, Act.PREVIEW),
            "changes": ImportChange.objects.filter(source=source).select_related("by"),
            "left_out_since": withdrawing.left_out_since(source),
            "form": form,
            "views": views,
            "is_unfinished": not all(view.job.is_over for view in views),
            "may_change": request.user.has_perm(MAY_CHANGE),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/import/page.html", context)


def asked_act(request: HttpRequest) -> Act | None:
    """What the button asks for."""
    if request.method != "POST":
        return None
    return next((act for act in Act if act in request.POST), Act.WITHDRAW)


def standing_of(source: Import, act: Act | None) -> str:
    if act not in (None, Act.PREVIEW):
        return changing.STATES[act]
    if source.withdrawn is None:
        return "counted"
    return f"withdrawn {date_format(source.withdrawn, 'DATETIME_FORMAT')}"


class ImportedVoteFilters(Filters):
    """There are no indexes by its other columns, which would make imports slow."""

    source = forms.ModelChoiceField(
        Import.objects.select_related("campaign").defer("summed_up"),
        required=False,
        empty_label="any",
    )
    verdict = choice("verdict", {key: str(label) for key, label in Verdict.choices})
    lookups = {"verdict": "verdict"}

    def by_source(self, source: Import) -> Q:
        return Q(source=source)


class ImportedVoteAdmin(QuickAdmin):
    filters = ImportedVoteFilters
    list_display = ["key", "contestant_a", "contestant_b", "verdict", "language", "labels", "at"]
    list_select_related = ["contestant_a", "contestant_b"]
    list_display_links = ["key", "verdict"]
