"""Prompts and answers of prepared campaigns in the admin, and prompts suggested to visitors."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from ..browsing.beginnings import shortened
from ..browsing.filters import Filters, choice
from ..browsing.lists import QuickAdmin
from ..browsing.read_only import ReadOnly
from ..errors import Refused
from ..models import Campaign, Contestant, PreparedAnswer
from . import first_pairs


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
    list_display = ["prompt", "revision", "state", "attempt", "trouble", "created"]
    list_select_related = ["prompt__campaign", "revision__contestant"]
    actions = ["show_first"]

    @admin.display(description="error")
    def trouble(self, answer: PreparedAnswer) -> str:
        return shortened(answer.error)

    def has_first_pair_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("arena.change_campaign")

    @admin.action(description="Have every voter judge these two first", permissions=["first_pair"])
    def show_first(self, request: HttpRequest, queryset: QuerySet[PreparedAnswer]) -> None:
        try:
            campaign = first_pairs.choose(queryset.select_related("revision", "prompt__campaign"))
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            said = f"Every voter of {campaign} now begins with this pair. Its votes do not count."
            self.message_user(request, said, messages.SUCCESS)


class PromptAdmin(ReadOnly):
    list_display = ["key", "campaign", "language", "created"]
    list_filter = ["campaign"]
    list_select_related = ["campaign"]
    search_fields = ["key", "text"]


class PromptSuggestionAdmin(admin.ModelAdmin):
    list_display = ["text", "language", "category", "order", "archived"]
    list_editable = ["order", "archived"]
    list_filter = ["archived", "language", "category"]
    search_fields = ["text"]
