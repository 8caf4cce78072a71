"""The admin site: stock Django, with our menu."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from . import menu


class ControlRoom(AdminSite):
    site_header = site_title = settings.SITE_NAME
    index_title = "Control room"

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        apps = self._build_app_dict(request, app_label)
        return menu.grouped(
            (entry for app in apps.values() for entry in app["models"]), request.user
        )

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Which app a table belongs to is no concern of the menu's."""
        return redirect("admin:index")
