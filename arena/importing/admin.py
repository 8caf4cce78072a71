"""Imports and their votes in the admin."""

from __future__ import annotations

from django import forms
from django.db.models import Q

from ..browsing.filters import Filters, choice
from ..browsing.lists import QuickAdmin
from ..models import Import, Verdict


class ImportAdmin(QuickAdmin):
    list_display = ["name", "campaign", "format", "votes", "repeated", "set_aside", "created"]
    list_select_related = ["campaign"]


class ImportedVoteFilters(Filters):
    """There are no indexes by its other columns, which would make imports slow."""

    source = forms.ModelChoiceField(
        Import.objects.select_related("campaign"), required=False, empty_label="any"
    )
    verdict = choice("verdict", {key: str(label) for key, label in Verdict.choices})
    lookups = {"verdict": "verdict"}

    def by_source(self, source: Import) -> Q:
        return Q(source=source)


class ImportedVoteAdmin(QuickAdmin):
    filters = ImportedVoteFilters
    list_display = ["key", "contestant_a", "contestant_b", "verdict", "language", "labels", "at"]
    list_select_related = ["contestant_a", "contestant_b"]
    list_display_links = ["key", "verdict"]
