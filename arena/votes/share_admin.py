"""Shared battles in the admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ..browsing.read_only import ReadOnly
from ..models import Share
from ..sites import path_of


class ShareAdmin(ReadOnly):
    """Staff can block a shared battle, such as one with unlawful content."""

    list_display = ["vote", "created", "blocked"]
    list_filter = ["blocked"]
    list_select_related = ["vote__battle"]
    search_fields = ["=token", "vote__battle__public_id"]
    fields = ["vote", "created", "blocked"]
    readonly_fields = ["vote", "created"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("arena.change_share")

    def view_on_site(self, share: Share) -> str:
        return path_of("shared", share.token)
