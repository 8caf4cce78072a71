"""Withdrawing an import, taking it back, and what that would change, as file jobs: the page of the
import orders and shows them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from arena.alone import ORDERING, wait_for
from arena.counting import board_changes
from arena.jobs import orders
from arena.jobs.kinds import Kind, Made
from arena.jobs.progress import Note
from arena.models import Campaign, Import, ImportChange, Job
from arena.sites import path_of

from . import withdrawing


class Act(StrEnum):
    """The name of a button of the page. Both changes are each other's opposite; a preview shows the
    one that is possible now."""

    WITHDRAW = "withdraw"
    BACK = "back"
    PREVIEW = "preview"


NAMES = {
    Act.WITHDRAW: "Withdrawing",
    Act.BACK: "Taking back",
    Act.PREVIEW: "What would change",
}
# What a list and the page say of an import with such a job.
STATES = {
    Act.WITHDRAW: "being withdrawn",
    Act.BACK: "being taken back",
    Act.PREVIEW: "being previewed",
}


class ChangeImport(Kind):
    name = "import-change"
    title = "Change an import"
    about = ""
    form = None
    of_campaign = False
    may_look = "arena.view_import"

    def page(self, campaign: Campaign | None, asked: dict[str, Any]) -> str:
        return path_of("admin:arena_import_change", asked["source"])

    def name_of(self, campaign: str, asked: dict[str, Any]) -> str:
        return NAMES[Act(asked["act"])]

    def run(self, job: Job, note: Note) -> Made:
        act, key = Act(job.asked["act"]), job.asked["source"]
        if act == Act.PREVIEW:
            return previewed(Import.objects.select_related("campaign").get(pk=key), note)
        change = made_before(job) or made(act, job, note)
        said = withdrawing.done(change.withdrawn, change.votes)
        return Made([said, f"Reason: {change.reason}", "Leaderboards update within seconds."])


def previewed(source: Import, note: Note) -> Made:
    board = board_changes.board_view(withdrawing.preview(source, note))
    said, table = board_changes.told(board), board_changes.table(board)
    return Made([said], tables=[table] if table.rows else [])


def made_before(job: Job) -> ImportChange | None:
    """The change, if a worker died after it and before it could say so: only one is ordered at a
    time, so a newer one is this job's."""
    source, after = job.asked["source"], job.asked["after"]
    return ImportChange.objects.filter(source=source, pk__gt=after).first()


def made(act: Act, job: Job, note: Note) -> ImportChange:
    by = get_user_model().objects.filter(pk=job.asked["by"]).first()
    change = withdrawing.take_back if act == Act.BACK else withdrawing.withdraw
    return change(job.asked["source"], job.asked["reason"], by, note)


@transaction.atomic
def order(source: Import, act: Act, reason: str = "", by: Any = None) -> Job:
    """Raises Refused if another job of the import is under way, or the change is made already."""
    wait_for(ORDERING, source.pk)
    source = Import.objects.select_related("campaign").get(pk=source.pk)
    if (other := under_way().get(source.pk)) is not None:
        said = f"This import is {STATES[other]} already. Wait until that has ended, or cancel it."
        raise withdrawing.refusal(said)
    asked: dict[str, Any] = {"source": source.pk, "act": act.value}
    if act != Act.PREVIEW:
        withdrawing.check_standing(source, is_back=act == Act.BACK)
        newest = source.changes.first()
        asked["after"] = newest.pk if newest else 0
        asked |= {"reason": withdrawing.stated(reason), "by": by.pk if by else None}
    return orders.order(ChangeImport(), source.campaign, asked)


def jobs_of(source: Import) -> QuerySet[Job]:
    jobs = Job.objects.filter(kind=ChangeImport.name, asked__source=source.pk)
    return jobs.select_related("campaign")


def under_way() -> dict[int, Act]:
    """What is being done with imports, by their primary keys."""
    jobs = Job.objects.filter(kind=ChangeImport.name).exclude(state__in=orders.OVER)
    return {asked["source"]: Act(asked["act"]) for asked in jobs.values_list("asked", flat=True)}
