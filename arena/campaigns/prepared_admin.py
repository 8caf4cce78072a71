"""Prompts and answers of prepared campaigns in the admin, and prompts suggested to visitors."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from ..browsing.read_only import ReadOnly
from ..errors import Refused
from ..models import PreparedAnswer
from . import first_pairs


class PreparedAnswerAdmin(ReadOnly):
    list_display = ["prompt", "revision", "state", "created"]
    list_filter = ["prompt__campaign", "state"]
    list_select_related = ["prompt__campaign", "revision__contestant"]
    search_fields = ["prompt__key", "prompt__text"]
    actions = ["show_first"]

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
