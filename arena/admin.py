from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from .campaigns.admin import CampaignAdmin, FirstPairAction
from .contestants.admin import ContestantAdmin
from .jobs.admin import JobAdmin
from .models import (
    Answer,
    Battle,
    Campaign,
    Contestant,
    Import,
    Job,
    Objection,
    PreparedAnswer,
    Prompt,
    PromptSuggestion,
    Reason,
    RegistryEvent,
    Share,
    StandingChange,
    Tally,
    Turn,
    Vote,
)
from .sites import path_of
from .votes.admin import StandingActions
from .votes.objection_admin import ObjectionAdmin
from .votes.reasons_admin import ReasonAdmin


class ReadOnly(admin.ModelAdmin):
    """Records of what happened can be viewed, but not edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Battle)
class BattleAdmin(ReadOnly):
    list_display = ["public_id", "contestant_a", "contestant_b", "state", "created"]
    list_filter = ["state", "campaign"]
    list_select_related = ["contestant_a", "contestant_b"]


@admin.register(Answer)
class AnswerAdmin(ReadOnly):
    list_display = ["turn", "side", "revision", "state", "attempt", "finish_reason", "total_s"]
    list_filter = ["state", "finish_reason", "revision__contestant"]
    list_select_related = ["turn__battle", "revision__contestant"]


@admin.register(Vote)
class VoteAdmin(StandingActions, ReadOnly):
    list_display = [
        "battle", "verdict", "early", "standing", "standing_reason", "voter", "took", "created",
    ]  # fmt: skip
    list_filter = ["standing", "verdict", "early", "battle__campaign"]
    list_select_related = ["battle", "voter"]
    search_fields = ["battle__public_id", "=voter__pk", "standing_reason"]
    search_help_text = "A battle's public ID or a voter's number."

    @admin.display(description="seconds", ordering="seconds")
    def took(self, vote: Vote) -> str:
        return f"{vote.seconds:.1f}"


@admin.register(PreparedAnswer)
class PreparedAnswerAdmin(FirstPairAction, ReadOnly):
    list_display = ["prompt", "revision", "state", "created"]
    list_filter = ["prompt__campaign", "state"]
    list_select_related = ["prompt__campaign", "revision__contestant"]
    search_fields = ["prompt__key", "prompt__text"]


@admin.register(PromptSuggestion)
class PromptSuggestionAdmin(admin.ModelAdmin):
    list_display = ["text", "language", "category", "order", "archived"]
    list_editable = ["order", "archived"]
    list_filter = ["archived", "language", "category"]
    search_fields = ["text"]


@admin.register(Share)
class ShareAdmin(ReadOnly):
    """Staff can block a shared battle, such as one with unlawful content."""

    list_display = ["vote", "created", "blocked"]
    list_filter = ["blocked"]
    list_select_related = ["vote__battle"]
    search_fields = ["=token", "vote__battle__public_id"]
    fields = ["vote", "created", "blocked"]
    readonly_fields = ["vote", "created"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("arena.change_share")

    def view_on_site(self, share: Share) -> str:
        return path_of("shared", share.token)


admin.site.site_header = admin.site.site_title = f"{settings.SITE_NAME} administration"
admin.site.register(Campaign, CampaignAdmin)
admin.site.register(Contestant, ContestantAdmin)
admin.site.register(Job, JobAdmin)
admin.site.register(Objection, ObjectionAdmin)
admin.site.register(Reason, ReasonAdmin)
admin.site.register([Import, Prompt, RegistryEvent, StandingChange, Tally, Turn], ReadOnly)
