"""Imports and their votes in the admin, and the page that withdraws an import or takes it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from ..browsing.filters import Filters, choice
from ..browsing.lists import QuickAdmin
from ..counting.board_changes import board_view
from ..errors import Refused
from ..models import Campaign, Import, ImportChange, Verdict
from ..plurals import counted
from . import withdrawing

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
        "name", "campaign", "format", "votes", "repeated", "set_aside", "created", "withdrawn",
    ]  # fmt: skip
    list_select_related = ["campaign"]

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
        form = ReasonForm(request.POST or None)
        if request.method == "POST":
            if not request.user.has_perm(MAY_CHANGE):
                raise PermissionDenied
            if form.is_valid() and self._do(request, source, form.cleaned_data["reason"]):
                return redirect(request.path)
        return self._page(request, source, form)

    def _do(self, request: HttpRequest, source: Import, reason: str) -> bool:
        """Withdraw the import or take it back, as the button said; false if that is refused."""
        is_back = "back" in request.POST
        act = withdrawing.take_back if is_back else withdrawing.withdraw
        try:
            change = act(source.pk, reason, request.user)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return False
        done = "Taken back" if is_back else "Withdrawn"
        said = f"{done}: {counted(change.votes, 'vote')}."
        log = Import.objects.filter(pk=source.pk)
        LogEntry.objects.log_actions(
            str(request.user.pk), log, CHANGE, change_message=f"{said} Reason: {change.reason}"
        )
        self.message_user(request, f"{said} Leaderboards update within seconds.", messages.SUCCESS)
        return True

    def _page(self, request: HttpRequest, source: Import, form: forms.Form) -> HttpResponse:
        trouble, boards = "", []
        try:
            boards = [board_view(withdrawing.preview(source))]
        except Refused as refusal:
            trouble = str(refusal)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{source.name} in {source.campaign}",
            "source": source,
            "votes": counted(source.votes, "vote"),
            "changes": ImportChange.objects.filter(source=source).select_related("by"),
            "left_out_since": withdrawing.left_out_since(source),
            "form": form,
            "boards": boards,
            "trouble": trouble,
            "may_change": request.user.has_perm(MAY_CHANGE),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/import/page.html", context)


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
