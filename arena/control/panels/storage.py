from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.template.defaultfilters import filesizeformat

from ...sites import path_of
from ..panel import Panel, Says, ago, cells

MEASURED_S = 300  # between two walks through the folder
FULL = 0.9  # of the disk
STALE_S = 48 * 3600  # of a backup
STAMP = "last-backup"  # in `VAR`: touched by whoever makes backups (docs/operating.md)


class Storage(Panel):
    """Room for the data, and whether it is backed up."""

    name = "storage"
    subject = "Storage"
    permission = "arena.view_campaign"

    def look(self) -> Says:
        disk, stamp = shutil.disk_usage(settings.VAR), settings.VAR / STAMP
        free, age = filesizeformat(disk.free), age_of(stamp)
        is_recent = age is not None and age < STALE_S
        is_full = disk.used > FULL * disk.total
        return Says(
            f"{free} free" if is_recent else f"{free} free, but no recent backup",
            path_of("admin:jobs", "import"),
            about="" if is_recent else f"After each backup, touch {stamp}",
            rows=[
                cells("Free on its disk", f"{free} of {filesizeformat(disk.total)}"),
                cells("Database", filesizeformat(_database_bytes())),
                cells(
                    f"Files in {settings.VAR.name}/", filesizeformat(_folder_bytes(settings.VAR))
                ),
                cells("Last backup", "never noted" if age is None else f"{ago(age)} ago"),
            ],
            is_urgent=is_full or (age is not None and not is_recent),
        )


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
