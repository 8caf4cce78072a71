"""File jobs in the admin, one page per kind: request a job, watch its progress, download its files,
cancel or delete it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from arena.models import Campaign, Job
from people.audit import What, record

from . import orders, progress, running
from .kinds import Kind, kinds
from .progress import Progress

CHUNK = 1 << 18  # bytes of a download in memory
TO_CHANGE = "arena.change_campaign"
NOT_STORED = "The upload could not be stored: {}. Free some space and send it again."


@dataclass(frozen=True)
class JobView:
    """What a page shows of a job."""

    job: Job

    @cached_property
    def is_lost(self) -> bool:
        return running.is_lost(self.job)

    @property
    def lasts(self) -> str:
        """How long what it offers can be had."""
        is_with_upload = kinds()[self.job.kind].needs_upload
        return "The upload is kept for a day." if is_with_upload else "For a day."

    @cached_property
    def progress(self) -> Progress:
        return progress.of(self.job)


class JobAdmin(admin.ModelAdmin):
    """Has only the pages of the kinds, which campaigns link to."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allowed to all who may change campaigns, as deleting a campaign deletes its jobs."""
        return request.user.has_perm(TO_CHANGE)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<slug:name>/", wrap(self.jobs), name="jobs"),
            path("<slug:name>/<int:campaign>/", wrap(self.jobs), name="jobs"),
            path("<int:pk>/follow/", wrap(require_POST(self.follow)), name="job_follow"),
            path("<int:pk>/delete/", wrap(require_POST(self.delete)), name="job_delete"),
            path("<int:pk>/<str:name>", wrap(require_safe(self.download)), name="job_file"),
        ]

    def jobs(self, request: HttpRequest, name: str, campaign: int | None = None) -> HttpResponse:
        kind = kind_of(name)
        check(request, TO_CHANGE if request.method == "POST" else kind.may_look)
        about = get_object_or_404(Campaign, pk=campaign) if kind.of_campaign else None
        form = form_of(kind, about, request)
        if request.method == "POST" and form.is_valid() and order(kind, about, form):
            record(request, What.ORDERED, _about(kind, about))
            return redirect(kind.page(about, {}))
        views = [JobView(job) for job in of(kind, about)]
        context = {
            **self.admin_site.each_context(request),
            "title": f"{kind.title}: {about}" if about else kind.title,
            "kind": kind,
            "campaign": about,
            "form": form,
            "views": views,
            "is_unfinished": not all(view.job.is_over for view in views),
            "may_change": request.user.has_perm(TO_CHANGE),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/job/page.html", context)

    def follow(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a finished job offers, such as the import after its dry run."""
        check(request, TO_CHANGE)
        job = get_object_or_404(Job, pk=pk)
        kind = kind_of(job.kind)
        if orders.follow(job, kind) is None:
            gone = "The upload is gone. Send the file again."
            said = gone if kind.needs_upload else "That was done, or is too long ago."
            self.message_user(request, said, messages.ERROR)
        else:
            record(request, What.ORDERED, _about(kind, job.campaign), job.name)
            running.wake()
        return redirect(kind.page(job.campaign, job.asked))

    def delete(self, request: HttpRequest, pk: int) -> HttpResponse:
        check(request, TO_CHANGE)
        job = get_object_or_404(Job, pk=pk)
        page = kind_of(job.kind).page(job.campaign, job.asked)
        orders.delete(job)
        done = "Deleted" if job.is_over else "Cancelled"
        record(request, What.DELETED, f"file job {pk}", job.name)
        self.message_user(request, f"{done} {job.name}.")
        return redirect(page)

    def download(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        job = get_object_or_404(Job, pk=pk)
        kind = kind_of(job.kind)
        check(request, kind.may_look)
        if name not in [file["name"] for file in job.files]:
            raise Http404("There is no such file.")
        try:
            response = sent(job.folder / name)
        except OSError:
            said = f"There is no {name} on this host any more. Make it again."
            self.message_user(request, said, messages.ERROR)
            return redirect(kind.page(job.campaign, job.asked))
        record(request, What.DOWNLOADED, _about(kind, job.campaign), name)
        return response


def _about(kind: Kind, campaign: Campaign | None) -> str:
    """For the audit log."""
    return f"{kind.title}: campaign {campaign.slug}" if campaign else kind.title


def kind_of(name: str) -> Kind:
    """Raises Http404."""
    if (kind := kinds().get(name)) is None:
        raise Http404("There is no such kind of job.")
    return kind


def of(kind: Kind, campaign: Campaign | None) -> list[Job]:
    found = Job.objects.filter(kind=kind.name).select_related("campaign")
    return [*(found.filter(campaign=campaign) if kind.of_campaign else found)]


def form_of(kind: Kind, campaign: Campaign | None, request: HttpRequest) -> forms.Form:
    """Raises Http404 for a kind that is ordered on another page."""
    if kind.form is None:
        raise Http404("These jobs have no page of their own.")
    if request.method == "POST":
        return kind.form(request.POST, request.FILES)
    last = next(iter(of(kind, campaign)), None) if kind.remembered else None
    known = last.asked if last else {}
    return kind.form(initial={name: known.get(name) for name in kind.remembered})


def order(kind: Kind, campaign: Campaign | None, form: forms.Form) -> bool:
    """Request the job. False if the upload can't be stored; the form then has the error."""
    given = form.cleaned_data
    upload = next((each for each in given.values() if isinstance(each, UploadedFile)), None)
    asked = {name: value for name, value in given.items() if value is not upload}
    try:
        orders.order(kind, campaign, asked, upload)
    except OSError as error:
        form.add_error(None, NOT_STORED.format(error.strerror or error))
        return False
    running.wake()
    return True


def check(request: HttpRequest, permission: str) -> None:
    """Raises PermissionDenied: access to the admin does not permit everything in it."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def sent(path: Path) -> StreamingHttpResponse:
    """Raises OSError."""
    headers = {
        "Content-Length": str(path.stat().st_size),
        "Content-Disposition": str(content_disposition_header(True, path.name)),
    }
    kind = "application/octet-stream"
    return StreamingHttpResponse(chunks(path), content_type=kind, headers=headers)


async def chunks(path: Path, begin: int = 0) -> AsyncIterator[bytes]:
    """The file, read as it is sent: Django would read a plain file completely before sending the
    first byte. Opened only then, as nothing would close the file of a response never sent."""
    with await asyncio.to_thread(path.open, "rb") as file:
        file.seek(begin)
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
