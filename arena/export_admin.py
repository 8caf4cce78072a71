"""A campaign's exports in the admin: order one, see how far it is, download it, delete it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import BinaryIO

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from .campaign_forms import ExportForm
from .exporting import orders
from .models import Campaign, Export
from .plurals import counted
from .tasks import write_exports

CHUNK = 1 << 18  # bytes of a download in memory


@dataclass(frozen=True)
class ExportView:
    export: Export
    done: float

    @property
    def percent(self) -> int:
        return int(100 * self.done)

    @property
    def sentence(self) -> str:
        said = f"{counted(self.export.votes, 'vote')}, {filesizeformat(self.export.bytes)}"
        left_out = f"; {self.export.left_out:,} left out for want of consent"
        return said + (left_out if self.export.left_out else "") + "."


class ExportPages(admin.ModelAdmin):
    """What `CampaignAdmin` can do with exports."""

    def export_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        delete, download = require_POST(self.delete_export), require_safe(self.download)
        return [
            path("<int:pk>/exports/", wrap(self.exports), name="arena_campaign_exports"),
            path("exports/<int:pk>/delete/", wrap(delete), name="arena_campaign_export_delete"),
            path(
                "exports/<int:pk>/<str:name>", wrap(download), name="arena_campaign_export_download"
            ),
        ]

    def exports(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = get_object_or_404(Campaign, pk=pk)
        self._check(request, is_change=request.method == "POST")
        form = ExportForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            form.order(campaign)
            write_exports.delay()
            return redirect("admin:arena_campaign_exports", pk)
        views = [ExportView(each, orders.done_of(each)) for each in campaign.exports.all()]
        context = {
            **self.admin_site.each_context(request),
            "title": f"Export votes of {campaign}",
            "campaign": campaign,
            "form": form,
            "views": views,
            "is_unfinished": not all(view.export.is_over for view in views),
            "may_change": self.has_change_permission(request),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/campaign/exports.html", context)

    def delete_export(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._check(request)
        ordered = get_object_or_404(Export, pk=pk)
        campaign = ordered.campaign_id
        orders.delete(ordered)
        self.message_user(request, f"Deleted {ordered.name}.")
        return redirect("admin:arena_campaign_exports", campaign)

    def download(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        """The file of an export, or its data card."""
        self._check(request, is_change=False)
        ordered = get_object_or_404(Export, pk=pk, state=Export.State.DONE)
        wanted = ordered.card if name == ordered.card.name else ordered.path
        try:
            file = wanted.open("rb")
        except OSError:
            said = f"There is no {wanted.name} on this host any more. Export it again."
            self.message_user(request, said, messages.ERROR)
            return redirect("admin:arena_campaign_exports", ordered.campaign_id)
        headers = {
            "Content-Length": str(wanted.stat().st_size),
            "Content-Disposition": str(content_disposition_header(True, wanted.name)),
        }
        kind = "application/octet-stream"
        return StreamingHttpResponse(chunks(file), content_type=kind, headers=headers)

    def _check(self, request: HttpRequest, is_change: bool = True) -> None:
        """Raises PermissionDenied: who is let into the admin may not do everything there."""
        may = self.has_change_permission if is_change else self.has_view_permission
        if not may(request):
            raise PermissionDenied


async def chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    """Read as it is sent: Django would read a plain file whole before the first byte."""
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
