"""Static sites that were asked for in the admin: written by the background worker below
`var/published/`, one zip a campaign."""

from __future__ import annotations

import logging
import shutil
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from arena.models import Campaign

from .alone import COPYING, alone
from .models import StaticCopy
from .static_site import NothingToPublish, StaticSite

logger = logging.getLogger(__name__)
State = StaticCopy.State
LOST = timedelta(minutes=2)  # without a page: its worker has died


def order(campaign: Campaign, url: str = "") -> bool:
    """Have the site written, for that address; False when it is being written already."""
    copy, _ = StaticCopy.objects.get_or_create(campaign=campaign)
    if copy.state == State.RUNNING and not is_lost(copy):
        return False
    copy.state, copy.reason, copy.pages, copy.url = State.WAITING, "", 0, url
    copy.save()
    return True


def is_lost(copy: StaticCopy) -> bool:
    return copy.state == State.RUNNING and timezone.now() - copy.changed > LOST


def write_all() -> None:
    """Write what is waiting, one after the other, unless another worker is at it."""
    with alone(COPYING) as is_mine:
        if is_mine:
            _write_waiting()


def _write_waiting() -> None:
    for copy in StaticCopy.objects.filter(state=State.WAITING).select_related("campaign"):
        is_mine = StaticCopy.objects.filter(pk=copy.pk, state=State.WAITING).update(
            state=State.RUNNING, changed=timezone.now()
        )
        if is_mine:
            write(copy)


def write(copy: StaticCopy) -> None:
    """Write one site, and what became of it."""
    copy.state = State.RUNNING
    try:
        _write_zip(copy)
    except NothingToPublish as error:
        copy.state, copy.reason = State.FAILED, str(error)[:300]
    except OSError as error:
        said = (
            f"The files could not be written: {error.strerror or error}. Make room and try again."
        )
        copy.state, copy.reason = State.FAILED, said[:300]
    except Exception:
        logger.exception("The static site of %s failed", copy.campaign)
        copy.state = State.FAILED
        copy.reason = "An error in the arena; the background worker logged it."
    else:
        copy.state, copy.bytes = State.DONE, copy.file.stat().st_size
    copy.save()


def _write_zip(copy: StaticCopy) -> None:
    """The last zip stays until the new one is whole. Raises NothingToPublish, OSError."""

    def note(pages: int) -> None:
        copy.pages = pages
        copy.save(update_fields=["pages", "changed"])

    copy.file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=copy.file.parent) as name:
        folder = Path(name) / copy.campaign.slug
        StaticSite(copy.campaign, folder, note, copy.url).write()
        packed = Path(name) / "site.zip"
        _pack(folder, packed)
        shutil.move(packed, copy.file)


def _pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder.parent))
