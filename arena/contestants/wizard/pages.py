"""The pages of the wizard, and who may see them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from arena.models import Contestant

TO_ADD = "arena.add_contestant"
STEPS = ("Where it is", "Its card", "Try it")
FOLDER = "admin/arena/contestant/wizard"
READING = ["GET", "HEAD"]
BOTH = [*READING, "POST"]
View = Callable[..., HttpResponseBase]


def page(
    request: HttpRequest, name: str, title: str, step: int = 1, **context: Any
) -> TemplateResponse:
    """A page of step 1, 2 or 3."""
    from django.contrib import admin

    common = {
        **admin.site.each_context(request),
        "title": title,
        "step": step,
        "steps": list(enumerate(STEPS, 1)),
        "opts": Contestant._meta,
    }
    return TemplateResponse(request, f"{FOLDER}/{name}.html", {**common, **context})


def guarded(site: AdminSite, view: View, methods: list[str]) -> View:
    """Only for staff who may add contestants."""

    @wraps(view)
    def allowed(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        if not request.user.has_perm(TO_ADD):
            raise PermissionDenied
        return view(request, *arguments, **named)

    return site.admin_view(require_http_methods(methods)(allowed))


def urls(site: AdminSite) -> list[URLPattern]:
    from . import by_name, card, downloads, endpoints, hub, links, trying, uploads, where

    def at(address: str, view: View, name: str, methods: list[str] = BOTH) -> URLPattern:
        return path(address, guarded(site, view, methods), name=f"arena_contestant_{name}")

    return [
        at("choose/", where.where, "choose", READING),
        at("choose/workers/", where.on_workers, "on_workers", READING),
        at("choose/catalogue/", by_name.from_catalogue, "from_catalogue", READING),
        at("choose/hub/", hub.repository, "hub"),
        at("choose/address/", links.address, "address"),
        at("choose/upload/", uploads.upload, "upload"),
        at("choose/upload/<slug:key>/", uploads.piece, "upload_piece", ["POST"]),
        at("choose/api/", endpoints.openai, "api", READING),
        at("choose/anthropic/", endpoints.anthropic, "anthropic", READING),
        at("choose/downloads/", downloads.downloads, "downloads", READING),
        at("choose/downloads/<slug:order_id>/", downloads.download, "download"),
        at("choose/card/", card.card, "card"),
        at("<int:pk>/ready/", trying.ready, "ready"),
    ]
