"""Requests, cancels and deletes jobs."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from arena.models import Campaign, Job
from arena.models.names import printable

from . import progress
from .kinds import Kind

OFFERED_S = 86_400.0  # for so long the upload of a job with an offer is kept
OWNERLESS_S = 3600.0  # the age at which a folder without a job is deleted
LONGEST_STEM = 150  # bytes
OVER = (Job.State.DONE, Job.State.FAILED)


@transaction.atomic
def order(
    kind: Kind, campaign: Campaign | None, asked: dict[str, Any], upload: UploadedFile | None = None
) -> Job:
    """Store a job for the worker. Requests equal to an unfinished job return that job. If the
    upload cannot be stored, neither is the job. Raises OSError."""
    if upload is None:
        alike = Job.objects.filter(kind=kind.name, campaign=campaign, asked=asked)
        if (earlier := alike.exclude(state__in=OVER).first()) is not None:
            return earlier
    name = name_of(upload) if upload else kind.name_of(campaign.slug if campaign else "", asked)
    job = Job.objects.create(kind=kind.name, campaign=campaign, asked=asked, name=name)
    if upload is not None:
        store(upload, job.upload / job.name)
    return job


@transaction.atomic
def follow(job: Job, kind: Kind) -> Job | None:
    """Order what a job offers, with its upload if it needs one; None if that is gone, or if it was
    ordered before."""
    held = Job.objects.select_for_update().filter(pk=job.pk).exclude(offer="").first()
    if held is None or (kind.needs_upload and not held.upload.is_dir()):
        return None
    Job.objects.filter(pk=job.pk).update(offer="")
    asked = kind.followed(job.asked)
    made = Job.objects.create(kind=kind.name, campaign=job.campaign, asked=asked, name=job.name)
    if kind.needs_upload:
        job.upload.rename(made.upload)
    else:
        made.name = kind.name_of(job.campaign.slug if job.campaign else "", asked)
        made.save(update_fields=["name"])
    return made


def name_of(upload: UploadedFile) -> str:
    """A file name that any file system can store and any page can show."""
    path = Path(printable(Path(upload.name or "upload").name))
    return path.stem.encode()[:LONGEST_STEM].decode(errors="ignore") + path.suffix[:20]


def store(upload: UploadedFile, path: Path) -> None:
    """Raises OSError, after removing what was written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
    except OSError:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise


def delete(job: Job) -> None:
    """Delete a job and its files. A running job stops at its next progress note."""
    folders = job.folder, job.upload
    Job.objects.filter(pk=job.pk).delete()
    progress.forget(job)  # after the row: a worker that begins now misses one of the two
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Delete the folders of jobs that were deleted with their campaign, and uploads that nobody
    followed up."""
    old = timezone.now() - timedelta(seconds=OFFERED_S)
    for job in Job.objects.exclude(offer="").filter(ended__lt=old):
        Job.objects.filter(pk=job.pk).update(offer="")
        shutil.rmtree(job.upload, ignore_errors=True)
    root = Path(settings.VAR) / "jobs"
    folders = {*root.glob("[0-9]*"), *root.glob("uploads/[0-9]*")}
    owned = {*map(str, Job.objects.values_list("pk", flat=True))}
    for folder in (each for each in folders if each.name not in owned):
        with suppress(OSError):  # lost a race: another thread deleted it
            if time.time() - folder.stat().st_mtime > OWNERLESS_S:
                shutil.rmtree(folder)
