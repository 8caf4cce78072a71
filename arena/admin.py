from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Answer, Battle, Campaign, Contestant, RegistryEvent, Revision, Tally, Turn, Vote


class ReadOnly(admin.ModelAdmin):
    """What happened is looked at, not edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RevisionInline(admin.StackedInline):
    """Revisions are frozen: a change is a new one."""

    model = Revision
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Contestant)
class ContestantAdmin(admin.ModelAdmin):
    list_display = ["name", "organisation", "access", "stands_in_for", "state"]
    list_filter = ["state", "access", "organisation"]
    search_fields = ["name", "organisation"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RevisionInline]

    def save_model(self, request: HttpRequest, obj: Contestant, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change or "state" in form.changed_data:
            reason = f"set by {request.user} in the admin"
            RegistryEvent.objects.create(contestant=obj, state=obj.state, reason=reason)


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "created"]
    prepopulated_fields = {"slug": ["name"]}


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
class VoteAdmin(ReadOnly):
    list_display = ["battle", "verdict", "standing", "seconds", "created"]
    list_filter = ["verdict", "standing"]
    list_select_related = ["battle"]


admin.site.register([RegistryEvent, Tally, Turn], ReadOnly)
