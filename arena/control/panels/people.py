from __future__ import annotations

from django.utils import timezone

from ...models import Objection, Vote
from ...plurals import counted
from ...sites import path_of
from ..panel import Cell, Panel, Says, ago, cells

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
        rows = [
            cells("Objections without an answer", Cell(_upto(len(opened)), objections)),
            cells("Flagged votes, pending", Cell(_upto(pending), votes)),
        ]
        if not opened:
            title = f"{counted(pending, 'vote')} pending" if pending else "Nobody waits for you"
            return Says(title, votes, rows=rows, is_urgent=bool(pending))
        since = ago((timezone.now() - opened[0]).total_seconds())
        title = f"{counted(len(opened), 'objection')} open, the oldest for {since}"
        return Says(title, objections, rows=rows, is_urgent=True)


def _upto(number: int) -> str:
    return f"more than {MOST:,}" if number > MOST else f"{number:,}"
