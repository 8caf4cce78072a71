"""The background worker's side: runs waiting jobs, one of each kind at a time."""

from __future__ import annotations

import logging
import shutil
import zlib
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.db.models import F
from django.utils import timezone

from arena import broker
from arena.alone import alone, is_somebody_at
from arena.errors import Refused
from arena.models import Job
from arena.models.names import printable

from . import orders, progress
from .kinds import Kind, Made, kinds
from .progress import Interrupted

logger = logging.getLogger(__name__)
State = Job.State
JOBS = 0x6A6F6273  # "jobs": the class of PostgreSQL's advisory locks
TASK = "arena.run_jobs"
MOST_ATTEMPTS = 3

FAULT = "An error in the arena; the background worker logged it."
NO_ROOM = "The files could not be written: {}. Free some space and try again."
DEADLY = (
    f"Its worker ended {MOST_ATTEMPTS} times during this job, perhaps for lack of memory. "
    "The worker's log may say why."
)


def run_all(is_stopping: Callable[[], bool]) -> None:
    """Run all waiting jobs, except of kinds that another worker thread is running."""
    for kind in kinds().values():
        with alone(JOBS, _key(kind)) as is_mine:
            if is_mine:
                _run_kind(kind, is_stopping)
    orders.sweep()


def wake() -> None:
    """Start the waiting jobs now; otherwise the clock does so within seconds."""
    with broker.spared("waking the background worker"):
        current_app.send_task(TASK)


def is_lost(job: Job) -> bool:
    """Whether the job's worker has died: its advisory lock is no longer held."""
    kind = kinds().get(job.kind)
    if job.state != State.RUNNING or (kind and is_somebody_at(JOBS, _key(kind))):
        return False
    # `job` may be stale. A job that ends is saved before its lock is released, so read it again.
    return Job.objects.filter(pk=job.pk, state=State.RUNNING).exists()


def run(job: Job, kind: Kind, is_stopping: Callable[[], bool]) -> None:
    """Run one job, and store its outcome."""
    own = Job.objects.filter(pk=job.pk)  # empty if it is deleted meanwhile
    progress.begin(job)  # before the row is found: whoever deletes both deletes the row first
    if not own.update(state=State.RUNNING, attempts=F("attempts") + 1):
        progress.forget(job)
        return
    try:
        outcome = _outcome(job, kind, is_stopping)
    except Interrupted:
        own.update(state=State.WAITING, attempts=0)
        shutil.rmtree(job.folder, ignore_errors=True)
        return
    finally:
        progress.forget(job)
    # Not if it was told to begin anew meanwhile (`erasing`).
    own.filter(state=State.RUNNING).update(ended=timezone.now(), **outcome)
    if not own.exclude(offer="").exists():
        shutil.rmtree(job.upload, ignore_errors=True)
    if not own.filter(state=State.DONE).exists():
        shutil.rmtree(job.folder, ignore_errors=True)
    elif kind.replaces:
        _delete_older(job)


def _run_kind(kind: Kind, is_stopping: Callable[[], bool]) -> None:
    """Run the waiting jobs of a kind, first those that a dead worker left running. A job that was
    running when its worker died `MOST_ATTEMPTS` times fails, as it may be what kills workers."""
    left = Job.objects.filter(kind=kind.name, state=State.RUNNING)
    for dead in left.filter(attempts__gte=MOST_ATTEMPTS):
        shutil.rmtree(dead.upload, ignore_errors=True)
        shutil.rmtree(dead.folder, ignore_errors=True)
    left.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=State.FAILED, said=[DEADLY], ended=timezone.now()
    )
    left.update(state=State.WAITING)
    waiting = Job.objects.filter(kind=kind.name, state=State.WAITING).order_by("pk")
    while not is_stopping() and (job := waiting.first()) is not None:
        run(job, kind, is_stopping)


def _outcome(job: Job, kind: Kind, is_stopping: Callable[[], bool]) -> dict[str, Any]:
    """Run the job. Returns the fields with its outcome. Raises Interrupted."""
    try:
        return _done(_made(job, kind, is_stopping))
    except Interrupted:
        raise
    except Refused as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(NO_ROOM.format(error.strerror or error))
    except Exception:
        logger.exception("Job %s (%s) failed", job.pk, kind.name)
        return _failed(FAULT)


def _made(job: Job, kind: Kind, is_stopping: Callable[[], bool]) -> Made:
    job.folder.mkdir(parents=True, exist_ok=True)
    return kind.run(job, progress.Note(job, is_stopping))


def _done(made: Made) -> dict[str, Any]:
    files = [{"name": path.name, "bytes": path.stat().st_size} for path in made.files]
    tables = [
        {"title": title, "head": [*head], "rows": [[*map(printable, row)] for row in rows]}
        for title, head, rows in made.tables
    ]
    said = [*map(printable, made.said)]
    return {
        "state": State.DONE, "said": said, "files": files, "tables": tables, "offer": made.offer,
    }  # fmt: skip


def _failed(sentence: str) -> dict[str, Any]:
    return {"state": State.FAILED, "said": [printable(sentence)]}


def _delete_older(job: Job) -> None:
    for older in Job.objects.filter(
        kind=job.kind, campaign=job.campaign_id, state=State.DONE, pk__lt=job.pk
    ):
        orders.delete(older)


def _key(kind: Kind) -> int:
    """A hash of its name in 31 bits, for the advisory lock."""
    return zlib.crc32(kind.name.encode()) & 0x7FFFFFFF
