"""The admin site: stock Django, with our menu, and a dashboard for its first page. What an address
asks for that no row can have shows the page without it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.views.main import ERROR_FLAG
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from people.signing_in import factors

from . import dashboard, menu

logger = logging.getLogger(__name__)

NO_SUCH_ROW = "The address asked for what no row can have, so all rows are shown."


def forgiving(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As Django does for parameters it does not know: the page without any. It lets those pass on
    which only the database or a conversion fails: a year of -1, a pattern with one parenthesis."""

    @wraps(view)
    def forgiven(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (DataError, ValueError) as error:
            is_due_to_it = request.method == "GET" and request.GET.keys() - {ERROR_FLAG}
            if not is_due_to_it:
                raise
            logger.warning("the parameters of %s are ignored: %.200s", request.path, error)
            messages.warning(request, NO_SUCH_ROW)
            return redirect(f"{request.path}?{ERROR_FLAG}=1")

    return forgiven


class ControlRoom(AdminSite):
    site_header = site_title = settings.SITE_NAME
    index_title = "Control room"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(forgiving(view), cacheable)

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
