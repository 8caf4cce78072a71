from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from arena.control.panel import Panel, Says, ago, cells
from arena.plurals import counted
from arena.sites import path_of

from ..models import Snapshot
from ..refreshing import troubles


class Leaderboards(Panel):
    """How old the newest snapshots are, and which boards fail."""

    name = "leaderboards"
    subject = "Leaderboards"
    permission = "arena.view_campaign"

    def look(self) -> Says:
        newest = Snapshot.objects.order_by("-pk")
        live = newest.values_list("created", flat=True).first()
        published = newest.filter(published__isnull=False)
        failing = troubles.every()
        url = path_of("leaderboard")
        rows = [
            cells("Newest snapshot", _age(live)),
            cells(
                "Newest publication", _age(published.values_list("published", flat=True).first())
            ),
            *(cells(str(each.board), each.sentence) for each in failing),
        ]
        if failing:
            title = f"{counted(len(failing), 'board')} cannot be computed or published"
            return Says(title, path_of("status") + "#boards", rows=rows, is_urgent=True)
        title = f"The newest snapshot is {_age(live)}" if live else "No leaderboard yet"
        return Says(title, url, rows=rows)


def _age(at: datetime | None) -> str:
    return "none yet" if at is None else f"{ago((timezone.now() - at).total_seconds())} old"
