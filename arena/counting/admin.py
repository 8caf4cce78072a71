"""Tallies and changes of standings in the admin."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..browsing.filters import Filters, choice, one_of
from ..browsing.lists import QuickAdmin
from ..labels.slices import OVERALL
from ..models import Campaign, Contestant, StandingChange, Vote
from ..sites import path_of


class TallyFilters(Filters):
    campaign = one_of(Campaign.objects.order_by("name"))
    contestant = one_of(Contestant.objects.order_by("name"))
    slice = forms.CharField(
        required=False, max_length=60, widget=forms.TextInput({"placeholder": OVERALL})
    )
    lookups = {"campaign": "campaign", "slice": "slice"}

    def by_contestant(self, contestant: Contestant) -> Q:
        return Q(first=contestant) | Q(second=contestant)


class TallyAdmin(QuickAdmin):
    filters = TallyFilters
    list_display = [
        "campaign", "slice", "first", "second", "first_wins", "second_wins", "ties", "both_bad",
    ]  # fmt: skip
    list_select_related = ["campaign", "first", "second"]


class ChangeFilters(Filters):
    lookups = {"before": "before", "after": "after", "reason": "reason__icontains"}

    before = choice("before", dict(Vote.Standing.choices))
    after = choice("after", dict(Vote.Standing.choices))
    reason = forms.CharField(required=False, max_length=100)


class StandingChangeAdmin(QuickAdmin):
    filters = ChangeFilters
    list_display = ["at", "its_vote", "before", "after", "reason", "its_bulk"]
    list_select_related = ["vote__battle", "bulk"]

    @admin.display(description="vote")
    def its_vote(self, change: StandingChange) -> SafeString:
        href = path_of("admin:arena_vote_change", change.vote_id)
        return format_html('<a href="{}">{}</a>', href, change.vote)

    @admin.display(description="part of", empty_value="")
    def its_bulk(self, change: StandingChange) -> SafeString | None:
        if change.bulk is None:
            return None
        href = path_of("admin:arena_bulkchange_change", change.bulk_id)
        return format_html('<a href="{}">{}</a>', href, change.bulk)
