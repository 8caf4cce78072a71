"""A campaign's static site in the admin: have it written, see how far it is, download it."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header

from arena.export_admin import chunks
from arena.models import Campaign

from . import static_copies
from .models import StaticCopy
from .tasks import write_static_copies


class AddressForm(forms.Form):
    url = forms.URLField(
        label="Address it will have",
        required=False,
        assume_scheme="https",
        max_length=200,
        # As text: a browser would want https:// typed, which we add.
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://YOUR-HOST/FOLDER/"}),
        help_text="If you know it, links to its pages are shown with a picture everywhere; some "
        "services show none without.",
    )


@admin.register(StaticCopy)
class StaticCopyAdmin(admin.ModelAdmin):
    """Its only pages are those of a campaign, which link to them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/", wrap(self.static_copy), name="ratings_static_copy"),
            path("<int:pk>/zip/", wrap(self.download), name="ratings_static_copy_zip"),
        ]

    def static_copy(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = campaign_for(request, pk)
        copy = StaticCopy.objects.filter(campaign=campaign).first()
        given = request.POST if request.method == "POST" else None
        form = AddressForm(given, initial={"url": copy.url if copy else ""})
        if form.is_valid():
            if static_copies.order(campaign, form.cleaned_data["url"]):
                write_static_copies.delay()
            return redirect("admin:ratings_static_copy", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Publish “{campaign}” as a static site",
            "campaign": campaign,
            "copy": copy,
            "form": form,
            "is_lost": copy is not None and static_copies.is_lost(copy),
            "has_file": copy is not None and copy.file.exists(),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/ratings/static_copy.html", context)

    def download(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        copy = get_object_or_404(StaticCopy, campaign=campaign_for(request, pk))
        try:
            file = copy.file.open("rb")
        except OSError:
            said = "The file is not on this host any more. Publish again."
            self.message_user(request, said, messages.ERROR)
            return redirect("admin:ratings_static_copy", pk)
        headers = {
            "Content-Length": str(copy.file.stat().st_size),
            "Content-Disposition": str(content_disposition_header(True, copy.file.name)),
        }
        return StreamingHttpResponse(chunks(file), content_type="application/zip", headers=headers)


def campaign_for(request: HttpRequest, pk: int) -> Campaign:
    """Raises PermissionDenied, Http404."""
    if not request.user.has_perm("arena.change_campaign"):
        raise PermissionDenied
    found = Campaign.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such campaign.")
    return found
