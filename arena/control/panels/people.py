from __future__ import annotations

from django.utils import timezone
from django.utils.text import capfirst

from ...desk import holding
from ...desk.states import PUSHING
from ...models import Objection, Push, Vote
from ...plurals import counted
from ...sites import path_of
from ..panel import Cell, Panel, Says, ago, cells

ABOUT = (
    "Newcomers decide for or against this model more often than anything honest explains, by the "
    "factor under Strength. Voters whose votes wait for a decision: {waiting}. Of a model that is "
    "new, fans cannot be told from riggers, and no votes are held: look who came, and from where."
)
MOST = 1_000  # rows that are counted one by one


class Waiting(Panel):
    """What waits for the decision of a person."""

    name = "waiting"
    subject = "Waiting for a decision"
    permission = "arena.view_objection"

    def look(self) -> Says:
        waiting = Objection.objects.filter(state=Objection.State.OPEN)
        opened = list(waiting.order_by("created").values_list("created", flat=True)[: MOST + 1])
        pending = Vote.objects.filter(standing=Vote.Standing.PENDING).order_by()[: MOST + 1].count()
        objections = path_of("admin:arena_objection_changelist") + "?state__exact=OPEN"
        votes = path_of("admin:arena_vote_changelist") + "?standing=PENDING"
        suspects = path_of("admin:arena_suspect_changelist") + "?state=waiting"
        rows = [
            cells("Objections without an answer", Cell(_upto(len(opened)), objections)),
            cells("Suspected voters, held", Cell(_upto(_suspects()), suspects)),
            cells("Flagged votes, pending", Cell(_upto(pending), votes)),
        ]
        if not opened:
            title = f"{counted(pending, 'vote')} pending" if pending else "Nobody waits for you"
            return Says(title, votes, rows=rows, is_urgent=bool(pending))
        since = ago((timezone.now() - opened[0]).total_seconds())
        title = f"{counted(len(opened), 'objection')} open, the oldest for {since}"
        return Says(title, objections, rows=rows, is_urgent=True)


class Pushed(Panel):
    """Models that many voters push together."""

    name = "pushed"
    subject = "Pushed by many"
    permission = "arena.view_suspect"

    def look(self) -> Says | None:
        found = [
            *Push.objects.filter(over=None)
            .select_related("contestant", "campaign")
            .order_by("-strength")
        ]
        if not found:
            return None
        waiting = holding.undecided().filter(PUSHING)[: MOST + 1].count()
        told = [_told(push) for push in found]
        title = f"Pushed by many together: {', '.join(map(str, found))}"
        return Says(
            title,
            path_of("admin:arena_suspect_changelist") + "?state=pushing",
            about=ABOUT.format(waiting=_upto(waiting)),
            columns=("Votes", "Strength", "Voters", "Their votes"),
            rows=told,
            is_urgent=bool(waiting) or not all(push.is_known for push in found),
        )


def _told(push: Push) -> list[Cell]:
    url = path_of("admin:arena_suspect_changelist")
    concerned = Cell(f"about {push.voters:,}", f"{url}?state=pushing&campaign={push.campaign_id}")
    which = capfirst(f"{push}, in {push.campaign}, since {push.since:%Y-%m-%d %H:%M}")
    known = "" if push.is_known else " (new: none held)"
    return cells(
        which, f"10^{push.strength:.1f}", concerned, f"{push.votes:,}{known}",
    )  # fmt: skip


def _suspects() -> int:
    return holding.undecided()[: MOST + 1].count()


def _upto(number: int) -> str:
    return f"more than {MOST:,}" if number > MOST else f"{number:,}"
