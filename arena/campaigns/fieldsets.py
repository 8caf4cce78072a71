"""The parts of a campaign's form, by its kind."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format

from ..battles import admission
from ..models import Campaign

Kind = Campaign.Kind
LOCKED_FRONT = "Its kind stays “live”: it is the arena of the front page."


def of(campaign: Campaign | None) -> list[tuple[str | None, dict[str, Any]]]:
    kind = campaign.kind if campaign else None
    now = date_format(admission.now(), "DATETIME_FORMAT")
    lock = kind_lock(campaign) if campaign else ""
    parts = [
        (
            None,
            ["name", "slug", "kind", "description"],
            lock,
        ),
        ("Start page", ["instructions", "languages", "goal"], ""),
    ]
    if kind != Kind.IMPORTED:
        said = f"In UTC, whatever the clock of your computer says. Now it is {now} UTC."
        parts.append(("When battles may begin", ["opens", "closes", "paused"], said))
    parts.append(("Who may see it and vote", ["visibility"], WHO))
    if kind in (None, Kind.LIVE):
        parts.append(("Live battles", ["contestants"], ""))
    if kind in (None, Kind.PREPARED):
        shared = ["reveals", "judgements_per_pair", "shared_percent", "first_pair"]
        parts.append(("Prepared answers", shared, ""))
    judged = [] if kind == Kind.IMPORTED else ["criteria", "named_answers"]
    parts.append(("Its votes", [*judged, "questions", "source", "licence"], ""))
    return [(title, {"fields": names, "description": said}) for title, names, said in parts]


WHO = (
    "By invitation: saving makes a first link, which is below then. Voters who have taken part "
    "stay when a link expires; revoking it shuts them out."
)


def kind_lock(campaign: Campaign) -> str:
    return LOCKED_FRONT if campaign.is_front else campaign.kind_lock
