"""Backups as file jobs: ordered by the clock when one is due, or in the admin."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from arena.errors import Code, Refused
from arena.jobs import kinds, orders
from arena.jobs.progress import Note
from arena.models import Job
from arena.plurals import counted

from . import making, rotation

AGAIN = timedelta(hours=1)  # after a failure
BY_HAND = {"by": "command"}  # what is asked of a backup that a command has made
NO_FOLDER = (
    "Set BACKUP_DIR to the folder for backups and restart, or use the command backup: see "
    "docs/backup.md."
)


class Backup(kinds.Kind):
    name = kinds.BACKUP
    title = "Make a backup"
    about = (
        "The whole database in one file, in the folder that BACKUP_DIR names. With that setting "
        "one is made every day. Deleting a job here leaves its file. docs/backup.md has the rest."
    )
    of_campaign = False

    def name_of(self, campaign: str, asked: dict[str, Any]) -> str:
        return rotation.name(timezone.now(), is_sealed=bool(settings.BACKUP_RECIPIENT))

    def run(self, job: Job, note: Note) -> kinds.Made:
        if not settings.BACKUP_DIR:
            raise Refused(NO_FOLDER, code=Code.NOT_READY)
        folder = Path(settings.BACKUP_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            made = making.make(
                folder / job.name,
                recipient=settings.BACKUP_RECIPIENT,
                with_secret_key=settings.BACKUP_SECRET_KEY,
                progress=note,
            )
        except DatabaseError as error:
            said = str(error).strip().partition("\n")[0]
            raise Refused(f"The database ended it: {said}", code=Code.NOT_READY) from error
        gone = rotation.rotate(folder, settings.BACKUP_KEEP_DAYS, settings.BACKUP_KEEP_WEEKS)
        _forget(gone)
        found = [sentence(folder, made)]
        if gone:
            found.append(f"{counted(len(gone), 'older one')} deleted.")
        return kinds.Made(found)


def sentence(folder: Path, made: making.Made) -> str:
    return f"{filesizeformat(made.bytes)} in {folder}.".replace("\xa0", " ")


def remember(path: Path, made: making.Made) -> None:
    """Of a backup that was not made by a job, so that the control room knows of it. Before an
    upgrade the table may lack what this release writes."""
    with suppress(DatabaseError):
        Job.objects.create(
            kind=kinds.BACKUP,
            name=path.name,
            asked=BY_HAND,
            state=Job.State.DONE,
            said=[sentence(path.absolute().parent, made)],
            ended=timezone.now(),
        )


def order_if_due() -> None:
    if settings.BACKUP_DIR and is_due():
        orders.order(kinds.kinds()[kinds.BACKUP], None, {})


def is_due() -> bool:
    last = Job.objects.filter(kind=kinds.BACKUP).exclude(asked=BY_HAND).first()
    if last is None:
        return True
    wait = AGAIN if last.state == Job.State.FAILED else settings.BACKUP_EVERY
    return last.is_over and timezone.now() - last.created >= min(wait, settings.BACKUP_EVERY)


def _forget(names: list[str]) -> None:
    """Of files that are gone, and failures from before them."""
    jobs = Job.objects.filter(kind=kinds.BACKUP)
    if rotated := list(jobs.filter(name__in=names)):
        oldest = min(job.pk for job in rotated)
        rotated += jobs.filter(state=Job.State.FAILED, pk__lt=oldest)
    for job in rotated:
        orders.delete(job)
