"""What a person may ask of staff without the cookie of their browser: by the receipt of one vote,
all data of its voter are found, handed out and erased. Logged without the data."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from people.audit import What, record

from ..exporting import consent
from ..models import Battle, Chat, Share, Vote, Voter
from ..sites import path_of
from . import forgetting, own_data

RECEIPT = re.compile(r"([\w-]{8,16})/?\s*$")  # alone, or at the end of its address
UNKNOWN = "No battle has this receipt. It is the last part of the receipt’s address."


class VoterAdmin(admin.ModelAdmin):
    """Its list is a box for a receipt; the page of a voter says how much there is, not what."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [
            path("<path:object_id>/export/", view, name="arena_voter_export"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._check(request, self.has_view_permission(request))
        given, found = request.POST.get("receipt", ""), None
        if given and (found := voter_of_receipt(given)) is not None:
            record(request, What.SENT, f"voter {found.pk}", "found by a receipt")
            return redirect("admin:arena_voter_change", found.pk)
        wrong = UNKNOWN if request.method == "POST" else ""
        context = {**self._context(request, "Requests of voters"), "given": given, "wrong": wrong}
        return TemplateResponse(request, "admin/arena/voter/find.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        is_read = object_id is not None and request.method != "POST"  # nothing is added or changed
        self._check(request, is_read and self.has_view_permission(request))
        voter = self._voter(request, object_id)
        context = {
            **self._context(request, str(voter)),
            "voter": voter,
            "counts": counts(voter),
            "may_erase": self.has_delete_permission(request) and not voter.forgotten,
        }
        return TemplateResponse(request, "admin/arena/voter/page.html", context)

    def export_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """By POST, so that the audit log has it."""
        self._check(request, self.has_view_permission(request))
        if request.method != "POST":
            return redirect("admin:arena_voter_change", object_id)
        voter = self._voter(request, object_id)
        record(request, What.DOWNLOADED, f"voter {voter.pk}", "all data of a person")
        response = HttpResponse("".join(own_data.pieces(voter)), content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="voter-{voter.pk}.json"'
        return response

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The row stays, as votes are counted under it: what is known of the person goes."""
        self._check(request, self.has_delete_permission(request))
        voter = self._voter(request, object_id)
        if request.method == "POST" and not voter.forgotten:
            forgetting.forget(voter)
            record(request, What.DELETED, f"voter {voter.pk}", "all data of a person")
            messages.success(request, "Erased. Votes stay counted, without anything that leads on.")
            return redirect(path_of("admin:arena_voter_change", voter.pk))
        context = {**self._context(request, "Erase"), "voter": voter, "counts": counts(voter)}
        return TemplateResponse(request, "admin/arena/voter/erase.html", context)

    def _voter(self, request: HttpRequest, object_id: str | None) -> Voter:
        voter = self.get_object(request, object_id or "")
        if not isinstance(voter, Voter):
            raise Http404
        return voter

    def _check(self, request: HttpRequest, is_allowed: bool) -> None:
        if not is_allowed:
            raise PermissionDenied

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "title": title, "opts": self.opts}


def voter_of_receipt(given: str) -> Voter | None:
    """Whose battle has this receipt, or its whole address."""
    if (found := RECEIPT.search(given)) is None:
        return None
    battle = Battle.objects.select_related("voter").filter(public_id=found[1]).first()
    return battle.voter if battle else None


def counts(voter: Voter) -> list[tuple[str, int]]:
    return [
        ("Battles", Battle.objects.filter(voter=voter).count()),
        ("Votes", Vote.objects.filter(voter=voter).count()),
        ("Chats", Chat.objects.filter(voter=voter).count()),
        ("Shared battles", Share.objects.filter(vote__voter=voter).count()),
        ("Consents", consent.history(voter).count()),
    ]
