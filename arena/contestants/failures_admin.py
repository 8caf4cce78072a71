"""Answers that models failed to give, in the admin: what the dashboard counts."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from ..browsing.filters import WithDates, one_of
from ..browsing.lists import QuickAdmin
from ..models import Contestant


class FailureFilters(WithDates):
    created: ClassVar[str] = "at"
    lookups: ClassVar[dict[str, str]] = {
        "contestant": "revision__contestant",
        "reason": "reason__icontains",
    }

    contestant = one_of(Contestant.objects.order_by("name"))
    reason = forms.CharField(required=False, max_length=100)


class FailureAdmin(QuickAdmin):
    filters = FailureFilters
    list_display = ["at", "revision", "reason"]
    list_select_related = ["revision__contestant"]
