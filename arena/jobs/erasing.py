"""Files that hold texts of a voter whose data are deleted go at once: they were made before."""

from __future__ import annotations

import shutil
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce, Now

from arena.models import Consent, Job, Voter

from .kinds import kinds

State = Job.State
DROPPED = (
    "Deleted: a voter has had their data deleted, and this file could hold texts of theirs. "
    "Make it anew."
)
BEFORE = timedelta(minutes=1)  # an order may be older than a deletion that is not committed yet


def drop(voter: Voter) -> None:
    """Delete the files that were made while this voter agreed to publication, and begin anew what
    is being made. After the deletion is committed: what begins then has none of it."""
    jobs = _under(Consent.objects.filter(voter=voter))
    jobs.filter(state=State.RUNNING).update(state=State.WAITING, attempts=0)
    _drop(jobs.filter(state=State.DONE))


def sweep() -> None:
    """What a process could not drop as it ended just then."""
    gone = Consent.objects.filter(voter__forgotten__gt=OuterRef("ended"))
    _drop(_under(gone).filter(state=State.DONE))


def _under(consents: QuerySet[Consent]) -> QuerySet[Job]:
    """Jobs that may publish what was written under one of these consents."""
    then = consents.filter(
        given__lt=Coalesce(OuterRef("ended"), Now()),
        withdrawn__gt=OuterRef("created") - BEFORE,
        voter__battles__campaign=OuterRef("campaign"),
    )
    names = [kind.name for kind in kinds().values() if kind.holds_texts]
    return Job.objects.filter(Exists(then), kind__in=names)


def _drop(jobs: QuerySet[Job]) -> None:
    for job in jobs:
        Job.objects.filter(pk=job.pk).update(state=State.FAILED, said=[DROPPED], files=[])
        shutil.rmtree(job.folder, ignore_errors=True)
