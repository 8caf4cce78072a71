from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import URLField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from . import catalogue
from .campaigns.admin import CampaignAdmin, FirstPairAction
from .contestants import entering
from .contestants.forms import RevisionFormSet
from .contestants.hosting import hosting
from .jobs.admin import JobAdmin
from .matchmaking import live_pairs, resting
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
    Revision,
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


class RevisionInline(admin.StackedInline):
    """Revisions are frozen: a change needs a new one."""

    model = Revision
    formset = RevisionFormSet
    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Contestant)
class ContestantAdmin(admin.ModelAdmin):
    """Contestants are entered from a worker's weights or from the catalogue, whose facts pre-fill
    the form."""

    change_list_template = "admin/arena/contestant/list.html"
    add_form_template = "admin/arena/contestant/add.html"
    list_display = ["name", "organisation", "access", "stands_in_for", "state"]
    list_filter = ["state", "access", "organisation"]
    search_fields = ["name", "organisation"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RevisionInline]

    def get_urls(self) -> list[URLPattern]:
        choose = path(
            "choose/", self.admin_site.admin_view(self.choose), name="arena_contestant_choose"
        )
        return [choose, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        rests = resting.among(live_pairs.in_service())
        return super().changelist_view(request, {**(extra_context or {}), "resting": rests})

    def choose(self, request: HttpRequest) -> HttpResponse:
        words = request.GET.get("q", "")
        context = {
            **self.admin_site.each_context(request),
            "title": "Enter a contestant",
            "offers": entering.offers(),
            "words": words,
            "models": entering.matching(words) if words else [],
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/contestant/choose.html", context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        model = catalogue.find(request.GET.get("model", ""))
        where = {"hosting": model and hosting(model, request.GET.get("host", ""))}
        return super().add_view(request, form_url, {**(extra_context or {}), **where})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().get_changeform_initial_data(request), **_known(request)[0]}

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "GET" and (revision := _known(request)[1]):
            kwargs["initial"] = [revision]
        return kwargs

    def save_model(self, request: HttpRequest, obj: Contestant, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change or "state" in form.changed_data:
            reason = f"set by {request.user} in the admin"
            RegistryEvent.objects.create(contestant=obj, state=obj.state, reason=reason)
            resting.end(*obj.revisions.all())


def _known(request: HttpRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Initial values for the contestant to add, from `?weights=` or `?model=`."""
    if weights := request.GET.get("weights"):
        return entering.from_weights(weights)
    if model := request.GET.get("model"):
        return entering.from_model(model, request.GET.get("host", ""))
    return {}, {}


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
admin.site.register(Job, JobAdmin)
admin.site.register(Objection, ObjectionAdmin)
admin.site.register(Reason, ReasonAdmin)
admin.site.register([Import, Prompt, RegistryEvent, StandingChange, Tally, Turn], ReadOnly)
