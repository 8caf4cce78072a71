from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from ...jobs.kinds import BACKUP
from ...models import Job
from ...sites import path_of
from ..panel import Panel, Says, ago, cells

MEASURED_S = 300  # between two walks through the folder
FULL = 0.9  # of the disk
STALE_S = 48 * 3600  # of a backup
STAMP = "last-backup"  # in `VAR`: touched by whoever makes others than ours (docs/backup.md)
HOW = "Set BACKUP_DIR, or run the command backup: docs/backup.md"
State = Job.State


class Storage(Panel):
    """Room for the data, and whether it is backed up."""

    name = "storage"
    subject = "Storage"
    permission = "arena.view_campaign"

    def look(self) -> Says:
        disk, last = shutil.disk_usage(settings.VAR), last_backup(settings.VAR / STAMP)
        free = filesizeformat(disk.free)
        is_recent = last.age is not None and last.age < STALE_S
        but = "the last backup failed" if last.failure else "" if is_recent else "no recent backup"
        return Says(
            f"{free} free, but {but}" if but else f"{free} free",
            path_of("admin:jobs", BACKUP),
            about=last.failure or ("" if is_recent else HOW),
            rows=[
                cells("Free on its disk", f"{free} of {filesizeformat(disk.total)}"),
                cells("Database", filesizeformat(_database_bytes())),
                cells(
                    f"Files in {settings.VAR.name}/", filesizeformat(_folder_bytes(settings.VAR))
                ),
                cells("Last backup", last.words),
            ],
            is_urgent=disk.used > FULL * disk.total
            or bool(last.failure)
            or (last.age is not None and not is_recent),
        )


@dataclass(frozen=True)
class LastBackup:
    age: float | None  # [s]; None if there never was one
    made: str = ""  # its size and place, if it is known
    failure: str = ""  # of a later one

    @property
    def words(self) -> str:
        when = "never noted" if self.age is None else f"{ago(self.age)} ago"
        return f"{when}: {self.made}" if self.made else when


def last_backup(stamp: Path) -> LastBackup:
    """By a job, by the command, or by somebody's own means, who touches the stamp."""
    jobs = Job.objects.filter(kind=BACKUP)
    done, failed = (jobs.filter(state=state).first() for state in (State.DONE, State.FAILED))
    is_worse = failed is not None and (done is None or failed.pk > done.pk)
    failure = " ".join(failed.said) if failed and is_worse else ""
    touched = age_of(stamp)
    made = (timezone.now() - done.ended).total_seconds() if done and done.ended else None
    if made is None or (touched is not None and touched < made):
        return LastBackup(touched, failure=failure)
    return LastBackup(made, " ".join(done.said[:1]) if done else "", failure)


def age_of(stamp: Path) -> float | None:
    """Seconds since it was touched; None if it never was."""
    try:
        return time.time() - stamp.stat().st_mtime
    except FileNotFoundError:
        return None


def _database_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _folder_bytes(folder: Path) -> int:
    return int(cache.get_or_set("bytes-of-var", lambda: bytes_in(folder), MEASURED_S) or 0)


def bytes_in(folder: Path) -> int:
    """What its files hold; those that come and go meanwhile may be missed."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(root, name)).st_size
            except FileNotFoundError:
                continue
    return total
