"""The admin site: stock Django, with our menu, and a dashboard for its first page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from people.signing_in import factors

from . import dashboard, menu


class ControlRoom(AdminSite):
    site_header = site_title = settings.SITE_NAME
    index_title = "Control room"

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        apps = self._build_app_dict(request, app_label)
        entries = (entry for app in apps.values() for entry in app["models"])
        return menu.mark(menu.grouped(entries, request.user), request.path)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Django's own would ask for the menu twice."""
        panels = dashboard.look(request.user)
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "panels": panels,
            "urgent": [shown for shown in panels if shown.says.is_urgent],
            "suggests_factor": not factors.of(request.user).exists(),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/index.html", context)

    def app_index(  # type: ignore[override]  # it is no page of its own
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Which app a table belongs to is no concern of the menu's."""
        return redirect("admin:index")
