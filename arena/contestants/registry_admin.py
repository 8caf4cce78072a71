"""The log of contestants' states and cards in the admin."""

from __future__ import annotations

from django import forms

from ..browsing.filters import Filters, choice, one_of
from ..browsing.lists import QuickAdmin
from ..models import Contestant, RegistryEvent


class RegistryFilters(Filters):
    lookups = {"contestant": "contestant", "what": "what", "reason": "reason__icontains"}

    contestant = one_of(Contestant.objects.order_by("name"))
    what = choice("what", {key: str(label) for key, label in RegistryEvent.What.choices})
    reason = forms.CharField(required=False, max_length=100)


class RegistryEventAdmin(QuickAdmin):
    filters = RegistryFilters
    list_display = ["at", "contestant", "change", "reason", "automatic"]
    list_select_related = ["contestant"]
