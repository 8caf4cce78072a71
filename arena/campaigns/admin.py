"""Campaigns in the admin: their settings, and answers made in batch."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db.models import Field as DbField
from django.db.models import QuerySet
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from ..errors import Refused
from ..jobs.admin import check
from ..jobs.kinds import kinds
from ..models import Campaign, PreparedAnswer
from ..plurals import counted
from ..sites import path_of
from . import batches, first_pairs, prompt_sets
from .forms import PrepareForm


class CampaignAdmin(admin.ModelAdmin):
    change_list_template = "admin/arena/campaign/list.html"
    change_form_template = "admin/arena/campaign/form.html"
    list_display = ["name", "kind", "visibility", "opens", "closes", "goal", "answers"]
    list_filter = ["kind", "visibility"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["first_pair"]
    actions = ["pause", "resume", "retry", "drop_first_pair"]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/prepare/", wrap(self.prepare), name="arena_campaign_prepare"),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        about = [kind for kind in kinds().values() if kind.of_campaign]
        context = {**(extra_context or {}), "kinds": about}
        return super().change_view(request, object_id, form_url, context)

    def formfield_for_dbfield(
        self, db_field: DbField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        """Label date and time separately: screen readers read Django's common label for neither."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            for half, name in zip(field.widget.widgets, ("date", "time"), strict=True):
                half.attrs["aria-label"] = f"{field.label}: {name}"
        return field

    @admin.display(description="answers prepared")
    def answers(self, campaign: Campaign) -> str:
        if campaign.kind != Campaign.Kind.PREPARED:
            return ""
        done = batches.progress(campaign)
        failed = f", {done.failed} failed" if done.failed else ""
        return f"{done.done} of {done.total}{failed}{', paused' if campaign.paused else ''}"

    @admin.action(description="Pause preparing answers", permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for campaign in queryset:
            batches.pause(campaign)
        self.message_user(request, "Paused. Answers already started will be finished.")

    @admin.action(description="Resume preparing answers", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for campaign in queryset:
            batches.resume(campaign)
        self.message_user(request, "Resumed.")

    @admin.action(description="Retry failed answers", permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        retried = batches.retry(PreparedAnswer.objects.filter(prompt__campaign__in=queryset))
        self.message_user(request, f"{counted(retried, 'answer')} will be retried.")

    @admin.action(description="Have no first pair", permissions=["change"])
    def drop_first_pair(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for campaign in queryset:
            first_pairs.drop(campaign)
        self.message_user(request, "Voters begin with any pair.")

    def prepare(self, request: HttpRequest, pk: int) -> HttpResponse:
        check(request, "arena.change_campaign")
        campaign = get_object_or_404(Campaign, pk=pk, kind=Campaign.Kind.PREPARED)
        form = PrepareForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                prompts = prompt_sets.enter(campaign, form.rows()) if form.has_prompts() else 0
                ordered = batches.order(campaign, form.cleaned_data["contestants"])
            except Refused as error:
                form.add_error(None, str(error))
            else:
                batches.advance_soon()
                said = (
                    f"{counted(prompts, 'prompt')} added; {counted(ordered, 'answer')} to prepare."
                )
                self.message_user(request, said)
                return redirect("admin:arena_campaign_changelist")
        return self._form(request, form, f"Prepare answers for {campaign}", "Prepare answers")

    def _form(self, request: HttpRequest, form: Any, title: str, button: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "form": form,
            "button": button,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/campaign/ask.html", context)
