"""Campaigns in the admin: their settings, and answers made in batch."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html

from ..browsing.doubts import warn_of_doubts
from ..browsing.lasting import Lasting, Stays
from ..errors import Refused
from ..jobs import orders, running
from ..jobs.admin import check
from ..jobs.kinds import kinds
from ..labelling.naming_job import JudgeNames
from ..models import Campaign, CampaignInvitation, Contestant, PreparedAnswer
from ..plurals import counted
from ..sites import LiveSite, path_of
from . import batches, fieldsets, first_pairs, inlines, prompt_sets, standing
from .dates import LabelledDates
from .forms import CampaignForm, PrepareForm


class CampaignAdmin(LabelledDates, Lasting):
    form = CampaignForm
    filter_horizontal = ["contestants"]
    change_list_template = "admin/arena/campaign/list.html"
    change_form_template = "admin/arena/campaign/form.html"
    list_display = ["name", "kind", "visibility", "now", "answers"]
    list_filter = ["kind", "visibility"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
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
        campaign = self.get_object(request, object_id)
        context = {**(extra_context or {})}
        if campaign is not None:
            address = LiveSite(request).address("campaign", campaign.slug)
            if campaign.kind == Campaign.Kind.IMPORTED:  # it has no answers of battles
                about = [kind for kind in about if kind.name != JudgeNames.name]
            context["kinds"] = about
            context["now"] = standing.sentence(campaign)
            context["address"] = inlines.with_copy_button(request, address, "Its address")
        return super().change_view(request, object_id, form_url, context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kw: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kw)
        if chosen := form.base_fields.get("contestants"):
            chosen.widget.can_add_related = False  # that takes more than a small window
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> list[Any]:
        return fieldsets.of(obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> list[str]:
        return ["first_pair", "kind"] if obj and fieldsets.kind_lock(obj) else ["first_pair"]

    def get_inlines(self, request: HttpRequest, obj: Campaign | None) -> list[Any]:
        return inlines.of(obj)

    def stays(self, obj: Campaign) -> Stays | None:
        if obj.is_front:
            return Stays("It is the arena of the front page, which needs it.")
        held = "battles" if obj.battles.exists() else "votes" if obj.imports.exists() else ""
        if not held:
            return None
        change = path_of("admin:arena_campaign_change", obj.pk)
        why = f"It holds {held}, to which leaderboards and files refer, so it cannot be deleted."
        then = "Give it a last day, and no battle begins any more; or hide it from readers."
        return Stays(f"{why} {then}", "Close or hide it", change)

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        Campaign.live()  # or else the first live campaign would be the arena of the front page
        before = Campaign.objects.filter(pk=obj.pk).values_list("named_answers", flat=True).first()
        super().save_model(request, obj, form, change)
        if before is not None and before != obj.named_answers:
            self._judge_names(request, obj, before)
        warn_of_doubts(self, request, obj, ["name"])
        by_invitation = obj.visibility == Campaign.Visibility.INVITATION
        if by_invitation and not obj.invitations.exists():
            CampaignInvitation.objects.create(campaign=obj)

    def _judge_names(self, request: HttpRequest, campaign: Campaign, before: str) -> None:
        """Earlier votes follow a changed rule, in the background."""
        kind, asked = JudgeNames(), {"rule": campaign.named_answers, "before": before}
        orders.order(kind, campaign, asked)
        transaction.on_commit(running.wake)
        said = 'Earlier votes are judged anew: <a href="{}">how far that is, and how to undo it</a>'
        messages.success(request, format_html(said, kind.page(campaign, asked)))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "contestants":
            kwargs["queryset"] = Contestant.objects.filter(revisions__number__gt=0).distinct()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_view_on_site_url(self, obj: Campaign | None = None) -> str | None:
        return None if obj is None else path_of("campaign", obj.slug)

    @admin.display(description="now")
    def now(self, campaign: Campaign) -> str:
        return standing.sentence(campaign)

    @admin.display(description="answers prepared")
    def answers(self, campaign: Campaign) -> str:
        if campaign.kind != Campaign.Kind.PREPARED:
            return ""
        done = batches.progress(campaign)
        failed = f", {done.failed} failed" if done.failed else ""
        return f"{done.done} of {done.total}{failed}{', paused' if campaign.paused else ''}"

    @admin.action(description="Pause battles and the preparing of answers", permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for campaign in queryset:
            batches.pause(campaign)
        self.message_user(request, "Paused. Battles and answers already started go on.")

    @admin.action(description="Resume", permissions=["change"])
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
                ordered = batches.order(
                    campaign, form.cleaned_data["contestants"], form.cleaned_data["texts"]
                )
            except Refused as error:
                form.refuse(error)
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
