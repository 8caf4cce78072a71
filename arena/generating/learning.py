"""What workers find out about APIs by themselves: kept beside the revision, for staff to see, to
fix in the next revision, or to have found out again."""

from __future__ import annotations

from django.db.models import F
from django.utils import timezone

from inference.contract.requests import GenerateResult

from ..models import Learned, Revision
from ..transactions import retried

MOST = 40  # of an API; each is a word about one parameter
LONGEST = 100  # characters


def trial_of(revision: Revision) -> int:
    """Which attempt at finding out it is: workers remember what they learned in it."""
    known = Learned.objects.filter(revision=revision).values_list("trial", flat=True)
    return known.first() or 0


def note(revision_id: int, result: GenerateResult) -> None:
    """Keep what is new. What was learned before somebody had it forgotten is ignored."""
    said = {lesson for lesson in result.learned if 0 < len(lesson) <= LONGEST}
    if said and not said <= _lessons(revision_id, result.trial):
        _keep(revision_id, result.trial, said)


def _lessons(revision_id: int, trial: int) -> set[str]:
    known = Learned.objects.filter(revision=revision_id, trial=trial)
    return {*(known.values_list("lessons", flat=True).first() or {})}


@retried
def _keep(revision_id: int, trial: int, said: set[str]) -> None:
    Learned.objects.get_or_create(revision_id=revision_id)
    held = Learned.objects.select_for_update().get(revision=revision_id)
    if held.trial == trial:
        now = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
        found = {**dict.fromkeys(sorted(said), now), **held.lessons}
        held.lessons = dict([*found.items()][-MOST:])
        held.save()


@retried
def forget(revision: Revision) -> None:
    """Have workers find out everything again, from the next request on."""
    Learned.objects.get_or_create(revision=revision)
    Learned.objects.filter(revision=revision).update(lessons={}, trial=F("trial") + 1)
