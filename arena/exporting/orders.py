"""Exports that were asked for in the admin: written by the background worker, one at a time, below
`var/exports/`.

What is to be done stands in the database, how far it is in Redis: an export sees the database as it
was when it began, and can't write there. Whoever takes the note in Redis away ends the export.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection

from arena import broker
from arena.models import Campaign, Export

from .formats import FORMATS
from .outlet import ExportRefused, export

logger = logging.getLogger(__name__)
State = Export.State
LOCK = 0x65787074  # "expt", among PostgreSQL's advisory locks
NOTE_EVERY_S = 0.5


class Interrupted(Exception):
    """The export was deleted, or its worker has to stop."""


def order(campaign: Campaign, format: str, suffix: str) -> Export:
    return Export.objects.create(
        campaign=campaign, format=format, name=f"{campaign.slug}-{format}{suffix}"
    )


def delete(ordered: Export) -> None:
    """With its files; one that is being written ends at its next note."""
    folder = ordered.folder
    broker.connection().delete(_key(ordered))
    ordered.delete()
    shutil.rmtree(folder, ignore_errors=True)


def done_of(ordered: Export) -> float:
    """How much of an export is written, 0 to 1."""
    noted = broker.connection().get(_key(ordered))
    return float(noted) if isinstance(noted, bytes) else 0.0


def write_all(is_stopping: Callable[[], bool]) -> None:
    """Write what is waiting, unless another worker is at it. What a worker that died left
    half-written begins again."""
    with _only_one() as mine:
        if not mine:
            return
        Export.objects.filter(state=State.RUNNING).update(state=State.WAITING)
        while not is_stopping():
            ordered = Export.objects.filter(state=State.WAITING).order_by("pk").first()
            if ordered is None:
                return
            write(ordered, is_stopping)


def write(ordered: Export, is_stopping: Callable[[], bool]) -> None:
    """Write one export and what became of it."""
    own = Export.objects.filter(pk=ordered.pk)  # empty when it is deleted meanwhile
    own.update(state=State.RUNNING)
    try:
        own.update(state=State.DONE, **_written(ordered, is_stopping))
    except Interrupted:
        own.update(state=State.WAITING)
    except (ExportRefused, OSError) as error:
        own.update(state=State.FAILED, reason=_in_words(error))
    except Exception:
        logger.exception("Export %s failed", ordered.pk)
        own.update(
            state=State.FAILED, reason="An error in the arena; the background worker logged it."
        )
    finally:
        broker.connection().delete(_key(ordered))
        if not own.filter(state=State.DONE).exists():
            shutil.rmtree(ordered.folder, ignore_errors=True)


def _written(ordered: Export, is_stopping: Callable[[], bool]) -> dict[str, int]:
    """The numbers of a finished export. Raises Interrupted, ExportRefused, OSError."""
    broker.connection().set(_key(ordered), 0)
    done = export(
        FORMATS[ordered.format], ordered.path, ordered.campaign.slug, Note(ordered, is_stopping)
    )
    return {"votes": done.votes, "left_out": done.left_out, "bytes": done.path.stat().st_size}


@dataclass
class Note:
    """Called with the fraction done, notes it now and then. Raises Interrupted."""

    ordered: Export
    is_stopping: Callable[[], bool]
    _noted: float = field(default=0.0, init=False)

    def __call__(self, done: float) -> None:
        now = time.monotonic()
        if now - self._noted < NOTE_EVERY_S:
            return
        self._noted = now
        is_wanted = broker.connection().set(_key(self.ordered), done, xx=True)
        if not is_wanted or self.is_stopping():
            raise Interrupted


@contextmanager
def _only_one() -> Iterator[bool]:
    """Whether we are the one to write. PostgreSQL lets the lock go when its holder dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        [mine] = cursor.fetchone() or [False]
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _key(ordered: Export) -> str:
    return f"export:{ordered.pk}"


def _in_words(error: ExportRefused | OSError) -> str:
    if isinstance(error, ExportRefused):
        return str(error)[:300]
    return f"The file could not be written: {error.strerror or error}. Make room and try again."[
        :300
    ]
