"""Redirects from the addresses that file jobs had in the admin before, for old bookmarks."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from arena.models import Job


def _page(kind: str, until: str) -> URLPattern:
    def moved(request: HttpRequest, **about: int) -> HttpResponse:
        return _to("admin:jobs", kind, *about.values())

    return path(until, moved)


def _file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    return _to("admin:job_file", pk, name)


def _zip(request: HttpRequest, campaign: int) -> HttpResponse:
    jobs = Job.objects.filter(kind="static-copy", campaign=campaign, state=Job.State.DONE)
    if (job := jobs.first()) is None:
        return _to("admin:jobs", "static-copy", campaign)
    return _to("admin:job_file", job.pk, job.files[0]["name"])


def _to(name: str, *args: object) -> HttpResponse:
    """Redirect; a POST stays a POST."""
    return redirect(name, *args, preserve_request=True)


urlpatterns = [
    _page("import", "arena/campaign/import/"),
    _page("demo", "arena/campaign/demo/"),
    _page("export", "arena/campaign/<int:campaign>/exports/"),
    path("arena/campaign/exports/<int:pk>/<str:name>", _file),
    _page("static-copy", "ratings/staticcopy/<int:campaign>/"),
    path("ratings/staticcopy/<int:campaign>/zip/", admin.site.admin_view(_zip)),
]
