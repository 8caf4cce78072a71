"""What belongs to one campaign, on its page of the admin: invitations and suggested prompts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from people.origins import doubt_of

from ..battles import admission
from ..models import Campaign, CampaignInvitation, PromptSuggestion
from ..plurals import counted
from ..sites import LiveSite
from .dates import LabelledDates
from .forms import InvitationForm


def with_copy_button(request: HttpRequest, address: str, label: str) -> SafeString:
    context = {"address": address, "label": label, "doubt": doubt_of(request)}
    return render_to_string("admin/arena/campaign/_link.html", context)


class InvitationInline(LabelledDates, admin.StackedInline):
    model = CampaignInvitation
    form = InvitationForm
    extra = 0
    can_delete = False  # revoking ends it, and can be undone
    fields = ("link", "state", "note", ("renew", "expires"), ("most_voters", "revoked"))
    readonly_fields = ("link", "state")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        self.request = request
        return super().get_formset(request, obj, **kwargs)

    def link(self, invitation: CampaignInvitation) -> str:
        if invitation.pk is None:
            return "It is made on saving."
        query = f"invitation={invitation.code}"
        site = LiveSite(self.request)
        address = site.address("campaign", invitation.campaign.slug, query=query)
        return with_copy_button(self.request, address, "Link of the invitation")

    def state(self, invitation: CampaignInvitation) -> str:
        if invitation.pk is None:
            return "new"
        came = counted(invitation.guests.count(), "voter")
        return f"{invitation.state_at(admission.now())}; {came} came by it"


class SuggestionInline(admin.StackedInline):
    model = PromptSuggestion
    extra = 0
    fields = ("text", ("category", "language", "order", "archived"))
    formfield_overrides: ClassVar = {models.TextField: {"widget": AdminTextareaWidget({"rows": 2})}}
    verbose_name_plural = "prompts that its start page suggests"


def of(campaign: Campaign | None) -> list[type[admin.options.InlineModelAdmin[Any, Any]]]:
    if campaign is None:
        return []
    found: list[Any] = []
    if campaign.visibility == Campaign.Visibility.INVITATION:
        found.append(InvitationInline)
    return [*found, SuggestionInline] if campaign.kind == Campaign.Kind.LIVE else found
