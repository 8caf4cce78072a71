"""Suspected voters in the admin: the list, the evidence, and the way to a decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from ..browsing.filters import Filters, choice
from ..browsing.lists import QuickAdmin
from ..browsing.read_only import ReadOnly
from ..counting import bulk
from ..errors import Refused
from ..models import Campaign, DeskPolicy, Suspect, Vote
from ..sites import path_of
from . import states
from .evidence import Evidence

Standing = Vote.Standing


class SuspectFilters(Filters):
    lookups = {"campaign": "campaign", "voter": "voter"}

    campaign = forms.ModelChoiceField(
        Campaign.objects.order_by("name"), required=False, empty_label="any"
    )
    voter = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1,
        widget=forms.TextInput({"inputmode": "numeric", "size": 8}),
    )  # fmt: skip
    state = choice("with", states.STATES)

    def by_state(self, state: str) -> Q:
        return states.in_state(state)


class SuspectAdmin(QuickAdmin):
    keyset = ("score", "pk")
    filters = SuspectFilters
    list_display = [
        "who", "its_score", "state", "because", "votes", "held_since", "weighed", "campaign",
    ]  # fmt: skip
    list_select_related = ["campaign"]
    actions = ["exclude_held", "count_held_again"]

    @admin.display(description="voter")
    def who(self, suspect: Suspect) -> str:
        return str(suspect.voter_id)

    @admin.display(description="score")
    def its_score(self, suspect: Suspect) -> str:
        return f"{suspect.score:.1f}".replace("-", "−")

    @admin.display(description="state")
    def state(self, suspect: Suspect) -> str:
        return suspect.state  # type: ignore[attr-defined, no-any-return]  # of `filled`

    @admin.display(description="held since", empty_value="")
    def held_since(self, suspect: Suspect) -> datetime | None:
        return suspect.held

    @admin.display(description="mostly because", empty_value="")
    def because(self, suspect: Suspect) -> str | None:
        return suspect.speaking[0]["words"] if suspect.speaking else None

    def filled(self, rows: Sequence[Any]) -> list[Any]:
        known = states.words(rows)
        for suspect in rows:
            suspect.state = known[suspect.pk]
        return [*rows]

    def has_judge_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("arena.change_vote")

    @admin.action(description="Leave their held votes out …", permissions=["judge"])
    def exclude_held(
        self, request: HttpRequest, queryset: QuerySet[Suspect]
    ) -> HttpResponse | None:
        return self._draft(request, held_votes(queryset), Standing.EXCLUDED)

    @admin.action(description="Count their held votes again …", permissions=["judge"])
    def count_held_again(
        self, request: HttpRequest, queryset: QuerySet[Suspect]
    ) -> HttpResponse | None:
        return self._draft(request, held_votes(queryset), Standing.COUNTED)

    def _draft(
        self, request: HttpRequest, votes: QuerySet[Vote], after: str
    ) -> HttpResponse | None:
        """To the page that shows what the decision would do, and makes it."""
        try:
            change = bulk.draft(votes, after, request.user)
        except Refused as refusal:
            said = "None of these votes waits for a decision." if not votes else str(refusal)
            self.message_user(request, said, messages.ERROR)
            return None
        return redirect(path_of("admin:arena_bulkchange_change", change.pk))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        suspect = self.get_object(request, object_id)
        if suspect is None:
            raise Http404("There is no such voter.")
        if request.method == "POST":
            if not self.has_judge_permission(request):
                raise PermissionDenied
            after = Standing.COUNTED if "count" in request.POST else Standing.EXCLUDED
            drafted = self._draft(request, held_votes([suspect]), after)
            return drafted or redirect(request.path)
        return self._page(request, suspect)

    def _page(self, request: HttpRequest, suspect: Suspect) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Voter {suspect.voter_id} in {suspect.campaign}",
            "suspect": suspect,
            "state": states.words([suspect])[suspect.pk],
            "evidence": Evidence(suspect),
            "policy": DeskPolicy.current(),
            "may_judge": self.has_judge_permission(request),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/suspect/page.html", context)


def held_votes(suspects: QuerySet[Suspect] | list[Suspect]) -> QuerySet[Vote]:
    """All votes of these voters, each in its campaign, that wait for a decision."""
    whose = Q(pk__in=[])
    for suspect in suspects:
        whose |= Q(voter=suspect.voter_id, battle__campaign=suspect.campaign_id)
    return Vote.objects.filter(whose, standing=Standing.PENDING)


class DeskPolicyAdmin(ReadOnly):
    """What the desk does: the newest holds, and a change is a new one."""

    list_display = ["mode", "threshold", "honest", "reason", "by", "at"]
    list_select_related = ["by"]
    fields = ["mode", "threshold", "reason"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("arena.add_deskpolicy")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        holding = DeskPolicy.current()
        return {"mode": holding.mode, "threshold": holding.threshold}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.by = request.user
        super().save_model(request, obj, form, change)

    @admin.display(description="honest voters that reach it")
    def honest(self, policy: DeskPolicy) -> str:
        return f"at most {100 * policy.false_alarms:.2g}%"
