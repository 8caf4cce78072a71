from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.utils import timezone

from ..panel import Cell, Panel, Says, ago, cells

MOST = 8


class Changes(Panel):
    """What staff did last."""

    name = "changes"
    subject = "Latest changes by staff"
    permission = "admin.view_logentry"

    def look(self) -> Says | None:
        newest = LogEntry.objects.select_related("user", "content_type")[:MOST]
        entries = list(newest)
        if not entries:
            return None
        last = (timezone.now() - entries[0].action_time).total_seconds()
        return Says(
            f"{entries[0].user.get_username()} changed something {ago(last)} ago",
            columns=("When", "Who", "What"),
            rows=[_row(entry) for entry in entries],
        )


def _row(entry: LogEntry) -> list[Cell]:
    kind = entry.content_type.name if entry.content_type else ""
    what = f"{kind} {entry.object_repr}: {entry.get_change_message()}"
    url = "" if entry.is_deletion() else entry.get_admin_url() or ""
    return cells(f"{entry.action_time:%-d %b, %H:%M}", entry.user.get_username(), Cell(what, url))
