from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count
from django.utils import timezone

from ...matchmaking import ability
from ...models import Contestant, Failure
from ...plurals import counted
from ...sites import path_of
from ..panel import Cell, Panel, Says, cells

DAY = timedelta(days=1)
MOST = 12  # rows of a panel


def page_of(contestant: Contestant) -> Cell:
    return Cell(contestant.name, path_of("admin:arena_contestant_change", contestant.pk))


def failures(since: datetime | None = None, **by: object) -> str:
    """The list of them, perhaps narrowed. It knows days: more than the last 24 hours."""
    asked = {"since": f"{since:%Y-%m-%d}", **by} if since else by
    query = f"?{urlencode(asked)}" if asked else ""
    return path_of("admin:arena_failure_changelist") + query


class Unable(Panel):
    """Active contestants that cannot answer now, and why."""

    name = "contestants"
    subject = "Contestants"
    permission = "arena.view_contestant"

    def look(self) -> Says:
        active = ability.of_active()
        unable = [each for each in active if not each.is_able]
        url = path_of("admin:arena_contestant_changelist") + "?state__exact=ACTIVE"
        rows = [cells(page_of(each.contestant), each.sentence) for each in unable[:MOST]]
        if not active:
            return Says("No contestant is active", url, is_urgent=True)
        if not unable:
            return Says(f"All {counted(len(active), 'active contestant')} can answer", url)
        title = f"{len(unable)} of {counted(len(active), 'active contestant')} cannot answer"
        return Says(title, url, columns=("Contestant", "Why"), rows=rows, is_urgent=True)


class Failures(Panel):
    """Answers that models failed to give in the last day."""

    name = "failures"
    subject = "Failures of the last day"
    permission = "arena.view_contestant"

    def look(self) -> Says:
        since = timezone.now() - DAY
        recent = Failure.objects.filter(at__gte=since).order_by()
        total, models = recent.aggregate(
            n=Count("pk"), m=Count("revision__contestant", distinct=True)
        ).values()
        if not total:
            return Says("No answer failed", failures())
        often = recent.values_list("revision__contestant", "reason").annotate(n=Count("pk"))
        lines = list(often.order_by("-n", "revision__contestant")[:MOST])
        known = Contestant.objects.in_bulk({contestant for contestant, _, _ in lines})
        return Says(
            f"{counted(total, 'answer')} failed, of {counted(models, 'contestant')}",
            failures(since=since),
            about="After all attempts; often another contestant answered in its place.",
            columns=("Contestant", "Reason", "Answers"),
            rows=[
                cells(
                    page_of(known[one]),
                    reason,
                    Cell(f"{n:,}", failures(since=since, contestant=one, reason=reason[:100])),
                )
                for one, reason, n in lines
            ],
        )
