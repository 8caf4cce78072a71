"""Contestants in the admin: their card, their state, and their revisions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import URLField
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from .. import catalogue
from ..matchmaking import ability, resting
from ..models import Contestant, RegistryEvent, Revision
from . import entering
from .forms import RevisionFormSet
from .hosting import hosting
from .wizard import pages as wizard


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
        return [*wizard.urls(self.admin_site), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        rests = [each for each in ability.of_active() if each.is_resting]
        return super().changelist_view(request, {**(extra_context or {}), "resting": rests})

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
            reason = "set in the admin"
            RegistryEvent.objects.create(contestant=obj, new=obj.state, reason=reason)
            resting.end(*obj.revisions.all())


def _known(request: HttpRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Initial values for the contestant to add, from `?weights=` or `?model=`."""
    if weights := request.GET.get("weights"):
        return entering.from_weights(weights)
    if model := request.GET.get("model"):
        return entering.from_model(model, request.GET.get("host", ""))
    return {}, {}
