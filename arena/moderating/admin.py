"""The page of the moderation policy, with a box to try it, and the list of flags."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..browsing.filters import Filters, choice
from ..browsing.lists import QuickAdmin
from ..models import Flag
from ..models.moderation import Action
from ..sites import path_of
from . import checker, health, history, policy
from .categories import CATEGORIES
from .forms import PolicyForm, TryForm
from .trying import Tried, tried

PAGE = "admin:arena_moderationpolicy_changelist"
TITLES = {name: category.title for name, category in CATEGORIES.items()}


class ModerationPolicyAdmin(admin.ModelAdmin):
    """Its list is the page of the one that holds; adding one is how that is changed."""

    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TryForm(request.POST or None)
        found = tried(form.cleaned_data["text"], policy.current()) if form.is_valid() else None
        return self._page(request, PolicyForm(policy.current()), form, found)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return redirect(PAGE)
        form = PolicyForm(policy.current(), request.POST)
        if not form.is_valid():
            return self._page(request, form, TryForm(), None)
        made = form.save(request.user)
        self.log_addition(request, made, [{"added": {"name": "policy", "object": str(made)}}])
        messages.success(request, "Saved. It holds from the next prompt on.")
        return redirect(PAGE)

    def _page(
        self, request: HttpRequest, form: PolicyForm, box: TryForm, found: Tried | None
    ) -> HttpResponse:
        counts, actions = history.counts(), policy.actions(policy.current())
        context = {
            **self.admin_site.each_context(request),
            "title": "Moderation",
            "opts": self.opts,
            "form": form,
            "lines": [(form[name], counts.get(name, {})) for name in CATEGORIES],
            "box": box,
            "tried": found,
            "checker": checker.name(),
            "health": health.look() if checker.is_set() else None,
            "happens": policy.HAPPENS[actions[checker.UNCHECKED]],
            "seconds": settings.MODERATION_SECONDS,
            "may_change": self.has_add_permission(request),
            "history": history.changes(),
            "days": history.DAYS,
        }
        return TemplateResponse(request, "admin/arena/moderationpolicy/page.html", context)


class FlagFilters(Filters):
    lookups = {"category": "category", "action": "action", "about": "about", "source": "source"}

    category = choice("category", TITLES)
    action = choice("action", dict(Action.choices))
    about = choice("about", dict(Flag.About.choices))
    source = choice("source", dict(Flag.Source.choices))
    sent = choice("sent all the same", {"yes": "yes", "no": "no"})

    def by_sent(self, value: str) -> Q:
        return Q(proceeded=value == "yes")


class FlagAdmin(QuickAdmin):
    filters = FlagFilters
    list_display = ["at", "its_category", "about", "action", "sent", "source", "its_battle"]
    list_select_related = ["battle"]

    @admin.display(description="category")
    def its_category(self, flag: Flag) -> str:
        return TITLES.get(flag.category, flag.category)

    @admin.display(description="sent all the same")
    def sent(self, flag: Flag) -> str:
        return "yes" if flag.proceeded else ""

    @admin.display(description="battle", empty_value="")
    def its_battle(self, flag: Flag) -> SafeString | None:
        if flag.battle is None:
            return None
        href = path_of("admin:arena_battle_change", flag.battle_id)
        where = f"turn {flag.turn}, {flag.side}" if flag.side else f"turn {flag.turn}"
        return format_html('<a href="{}">{}</a>, {}', href, flag.battle.public_id, where)
