"""Prompts and answers of prepared campaigns in the admin, and prompts suggested to visitors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from .. import broker
from ..browsing.beginnings import shortened
from ..browsing.cells import NamedCells
from ..browsing.filters import Filters, choice
from ..browsing.lists import QuickAdmin
from ..browsing.read_only import ReadOnly
from ..errors import Refused
from ..models import Campaign, Contestant, ExpectedAnswer, PreparedAnswer, Prompt
from ..plurals import counted
from . import batches, first_pairs


class PreparedFilters(Filters):
    lookups = {
        "campaign": "prompt__campaign",
        "contestant": "revision__contestant",
        "state": "state",
        "error": "error__icontains",
    }

    q = forms.CharField(label="prompt", required=False, max_length=300)
    campaign = forms.ModelChoiceField(
        Campaign.objects.filter(kind=Campaign.Kind.PREPARED).order_by("name"),
        required=False,
        empty_label="any",
    )
    contestant = forms.ModelChoiceField(
        Contestant.objects.order_by("name"), required=False, empty_label="any"
    )
    state = choice("state", dict(PreparedAnswer.State.choices))
    error = forms.CharField(required=False, max_length=100)

    def by_q(self, text: str) -> Q:
        return Q(prompt__key__icontains=text) | Q(prompt__text__icontains=text)


class PreparedAnswerAdmin(QuickAdmin):
    filters = PreparedFilters
    list_display = ["beginning", "campaign", "revision", "state", "attempt", "why", "created"]
    list_select_related = ["prompt__campaign", "revision__contestant"]
    actions = ["retry", "show_first"]

    @admin.display(description="prompt")
    def beginning(self, answer: PreparedAnswer) -> str:
        return shortened(" ".join(answer.prompt.text[:200].split()), 60) or answer.prompt.key

    @admin.display
    def campaign(self, answer: PreparedAnswer) -> Campaign:
        return answer.prompt.campaign

    def filled(self, rows: Sequence[Any]) -> list[Any]:
        """With why those that wait cannot be made now."""
        why: dict[int, str] = {}
        with broker.spared("why prepared answers wait"):
            here = PreparedAnswer.objects.filter(pk__in=[row.pk for row in rows])
            why = {**batches.hindrances(batches.unfinished(here))}
        for row in rows:
            row.hindrance = hindrance(row, why.get(row.revision_id, ""))
        return [*rows]

    @admin.display(description="error, or why it waits")
    def why(self, answer: Any) -> str:
        return shortened(answer.error or answer.hindrance)

    def has_first_pair_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("arena.change_campaign")

    has_retry_permission = has_first_pair_permission

    @admin.action(description="Retry failed answers", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[PreparedAnswer]) -> None:
        retried = batches.retry(PreparedAnswer.objects.filter(pk__in=queryset.values("pk")))
        self.message_user(request, f"{counted(retried, 'answer')} will be retried.")

    @admin.action(description="Have every voter judge these two first", permissions=["first_pair"])
    def show_first(self, request: HttpRequest, queryset: QuerySet[PreparedAnswer]) -> None:
        try:
            campaign = first_pairs.choose(queryset.select_related("revision", "prompt__campaign"))
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            said = f"Every voter of {campaign} now begins with this pair. Its votes do not count."
            self.message_user(request, said, messages.SUCCESS)


def hindrance(answer: PreparedAnswer, of_revision: str) -> str:
    """Why an unfinished answer is not made now; "" if it is, or is next."""
    if answer.state in (PreparedAnswer.State.DONE, PreparedAnswer.State.FAILED):
        return ""
    if answer.prompt.campaign.paused and answer.state == PreparedAnswer.State.WAITING:
        return "Its campaign is paused."
    return of_revision


class PromptAdmin(ReadOnly):
    list_display = ["key", "campaign", "language", "check_of", "created"]
    list_filter = ["campaign", "expected__kind"]
    list_select_related = ["campaign", "expected"]
    search_fields = ["key", "text"]
    fields = ["campaign", "key", "text", "language", "check_of", "created"]

    @admin.display(description="check")
    def check_of(self, prompt: Prompt) -> str:
        found: ExpectedAnswer | None = getattr(prompt, "expected", None)
        return str(found) if found else ""


class PromptSuggestionAdmin(NamedCells):
    list_display = ["text", "language", "category", "order", "archived"]
    list_editable = ["order", "archived"]
    list_filter = ["archived", "language", "category"]
    search_fields = ["text"]
