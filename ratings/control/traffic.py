from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncHour
from django.utils import timezone

from arena.control.panel import Panel, Says
from arena.models import Battle
from arena.plurals import counted
from arena.sites import path_of

from ..charts import Column, Columns, Figure

HOURS = 48
HOUR = timedelta(hours=1)
Hour = tuple[datetime, int, int]  # its beginning, battles, and those of them with a vote


class Traffic(Panel):
    """Battles and votes per hour."""

    name = "traffic"
    subject = "Battles and votes per hour"
    permission = "arena.view_battle"
    is_wide = True

    def look(self) -> Says:
        hours = per_hour(timezone.now())
        battles = sum(begun for _, begun, _ in hours[-24:])
        votes = sum(voted for _, _, voted in hours[-24:])
        url = path_of("admin:arena_battle_changelist") + f"?since={hours[-24][0]:%Y-%m-%d}"
        title = f"{counted(battles, 'battle')} and {counted(votes, 'vote')} in the last day"
        return Says(
            title, url, figure=drawn(hours) if any(battles for _, battles, _ in hours) else None
        )


def per_hour(now: datetime) -> list[Hour]:
    """The last `HOURS`, oldest first; the newest is not over yet."""
    this = now.replace(minute=0, second=0, microsecond=0)
    hours = [this - HOUR * back for back in reversed(range(HOURS))]
    # A battle with a vote has a state of its own: joining votes would read all of them.
    begun = Battle.objects.filter(created__gte=hours[0]).order_by()
    per = begun.values_list(TruncHour("created")).annotate(
        battles=Count("pk"), votes=Count("pk", filter=Q(state=Battle.State.VOTED))
    )
    found = {hour: (battles, votes) for hour, battles, votes in per}
    return [(hour, *found.get(hour, (0, 0))) for hour in hours]


def drawn(hours: list[Hour]) -> Figure:
    columns = [_column(*hour) for hour in hours]
    return Figure(
        "traffic",
        "Battles per hour, by whether they were voted on",
        f"Battles begun in each of the last {HOURS} hours (UTC)",
        ("Hour (UTC)", "Battles", "Votes"),
        hours,
        "columns",
        Columns.draw(columns, "Battles", ("with a vote", "without")),
    )


def _column(hour: datetime, battles: int, votes: int) -> Column:
    words = f"{hour:%-d %b, %H:%M}: {counted(battles, 'battle')}, {counted(votes, 'vote')}"
    return Column(f"{hour:%-d %b, %H:%M}", (votes, battles - votes), words)
