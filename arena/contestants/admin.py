"""Contestants in the admin: their card, their state, and their revisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from .. import catalogue
from ..browsing.doubts import warn_of_doubts
from ..browsing.lasting import Lasting, Stays
from ..errors import Refused
from ..models import Battle, Contestant
from ..sites import path_of
from . import api_terms, differences, entering, lifecycle
from .forms import ContestantForm
from .hosting import hosting
from .listing import Columns, rows
from .revision_admin import Revising, RevisionInline, last_run
from .state_admin import StateChanges
from .wizard import pages as wizard

CARD = ["name", "slug", "organisation", "licence", "access", "stands_in_for"]
FACTS = [
    ("parameters", "active_parameters"), ("training_tokens", "context_length"), "release_date",
]  # fmt: skip
PRICES = [("input_price", "output_price"), ("price_date", "price_source")]


class ContestantAdmin(Columns, StateChanges, Revising, Lasting):
    """Contestants are entered from a worker's weights or from the catalogue, whose facts pre-fill
    the form."""

    form = ContestantForm
    change_list_template = "admin/arena/contestant/list.html"
    add_form_template = "admin/arena/contestant/add.html"
    change_form_template = "admin/arena/contestant/form.html"
    search_fields = ["name", "organisation"]
    prepopulated_fields = {"slug": ["name"]}

    def get_urls(self) -> list[URLPattern]:
        return [*wizard.urls(self.admin_site), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        last = ("Why", ["reason"]) if obj else ("State", ["state", "reason"])
        parts = [("What readers see", CARD), ("Facts", FACTS), ("Price", PRICES), last]
        return [(title, {"fields": names}) for title, names in parts]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [] if obj else [RevisionInline]

    def stays(self, obj: Contestant) -> Stays | None:
        """What took part: battles, votes and files refer to it."""
        if not (parts := lifecycle.parts_taken(obj)):
            return None
        why = f"It took part: {', '.join(parts)} refer to it, so it cannot be deleted."
        if obj.state == Contestant.State.RETIRED:
            return Stays(f"{why} It is retired already: it is not drawn any more.")
        retire = path_of("admin:arena_contestant_state", obj.pk) + "?to=RETIRED"
        then = "Retire it, and it is not drawn any more; its votes count on, and its log says why."
        return Stays(f"{why} {then}", "Retire it", retire)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        model = catalogue.find(request.GET.get("model", ""))
        where = {"hosting": model and hosting(model, request.GET.get("host", ""))}
        return super().add_view(request, form_url, {**(extra_context or {}), **where})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        one = self.get_object(request, object_id)
        known = about(one) if isinstance(one, Contestant) else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **known})

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
        warn_of_doubts(self, request, obj, ["name", "organisation", "stands_in_for"])
        if not change:  # its first state is set once it has a revision
            obj.state = Contestant.State.DRAFT
            super().save_model(request, obj, form, change)
            return
        before = lifecycle.card(Contestant.objects.get(pk=obj.pk))
        super().save_model(request, obj, form, change)
        lifecycle.note_card(obj, before, form.cleaned_data["reason"])

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        if change:
            return
        one, given = form.instance, form.cleaned_data
        try:
            lifecycle.enter(one, given["state"], given["reason"] or "a new entry", request.user)
        except Refused as why:
            self.message_user(request, f"It stays a draft. {why}", messages.ERROR)
        else:
            self.say_who_cannot(request, [one])


def about(one: Contestant) -> dict[str, Any]:
    """What the page of a contestant shows beside its form."""
    row = rows([one])[one.pk]
    revisions = list(one.revisions.filter(number__gt=0).order_by("-number"))
    battles = Battle.objects.filter(contestant_a=one).count()
    return {
        "row": row,
        "battles": battles + Battle.objects.filter(contestant_b=one).count(),
        "facts": differences.facts(row.revision) if row.revision else {},
        "last_run": last_run(row.revision),
        "learned": api_terms.learned(row.revision),
        "revisions": differences.history(revisions),
        "events": one.events.order_by("-pk"),
        "parts": lifecycle.parts_taken(one),
    }


def _known(request: HttpRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Initial values for the contestant to add, from `?weights=` or `?model=`."""
    if weights := request.GET.get("weights"):
        return entering.from_weights(weights)
    if model := request.GET.get("model"):
        return entering.from_model(model, request.GET.get("host", ""))
    return {}, {}
