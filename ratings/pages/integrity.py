"""Which votes do not count, and why: as of the newest publication."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from arena.models import Campaign, DeskPolicy
from ratings.charts import Figure
from ratings.facts import Integrity
from ratings.findings import integrity as found_of
from ratings.presentation.board_view import BoardView
from ratings.presentation.vacancy import vacancy

from .figures import figure_csv
from .finding import campaign_of, overall
from .public import PublicPage, Visit, rendered
from .snapshots import published_of


@PublicPage
def integrity(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/integrity/"""
    chosen = campaign_of(campaign)
    context: dict[str, Any] = {"campaign": chosen, "here": "integrity"}
    if overall(chosen) is None:
        context["vacancy"] = vacancy(chosen, BoardView(None))
    else:
        found, votes = known_of(chosen)
        context["holds"] = DeskPolicy.current().mode == DeskPolicy.Mode.HOLD
        context["figures"] = [found_of.figure(found, votes)]
        context["suspicions"] = found_of.suspicions(found)
        context["log"] = list(found_of.entries(found))
    return rendered(visit, "leaderboard/integrity.html", context)


@PublicPage
def figure_data(visit: Visit, campaign: str, name: str) -> HttpResponse:
    """/leaderboard/<campaign>/integrity/<figure>.csv"""
    return figure_csv(figures_of(campaign_of(campaign)), name)


def known_of(campaign: Campaign) -> tuple[Integrity | None, int]:
    """And how many votes count, both as of the newest publication; None if it does not tell."""
    published = published_of(campaign).order_by("-pk").first()
    return (published.facts.integrity, published.votes) if published else (None, 0)


def figures_of(campaign: Campaign) -> list[Figure]:
    return [found_of.figure(*known_of(campaign))] if overall(campaign) else []
