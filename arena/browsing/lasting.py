"""Records of which some have to stay, as others refer to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


@dataclass(frozen=True)
class Stays:
    """Why a record cannot be deleted, and what to do instead."""

    why: str
    instead: str = ""  # of the link
    url: str = ""


class Lasting(admin.ModelAdmin):
    """Offers no deletion of what stays; whoever asks for it anyway is told why."""

    def stays(self, obj: Any) -> Stays | None:
        raise NotImplementedError

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's deletion of many, which offers what cannot be deleted."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may: bool = super().has_delete_permission(request, obj)
        return may and (obj is None or self.stays(obj) is None)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """What belongs to it goes with it, such as revisions or prompts, whoever may delete it."""
        deleted, counts, needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, needed & {self.opts.verbose_name}, protected

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        stays = self.stays(obj) if obj and super().has_delete_permission(request, obj) else None
        if stays is None:
            return super().delete_view(request, object_id, extra_context)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{str(obj)[:80]} stays",
            "stays": stays,
            "object": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/browsing/stays.html", context, status=409)
