"""How the arena answers its critics, point by point, with the public log of its registry."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse

from arena.models import Campaign
from ratings.charts import Figure
from ratings.findings.fairness import Evidence, fresh_figure, log_figure, points
from ratings.presentation.board_view import BoardView
from ratings.presentation.vacancy import vacancy

from .figures import figure_csv
from .finding import campaign_of, overall
from .public import PublicPage, Visit, rendered
from .shares import shares_of

ENTRIES = 50  # on a page


@PublicPage
def fairness(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/fairness/"""
    chosen = campaign_of(campaign)
    found = evidence(chosen)
    context: dict[str, Any] = {"campaign": chosen, "here": "fairness"}
    if found is None:
        context["vacancy"] = vacancy(chosen, BoardView(None))
    else:
        context["points"] = points(found)
        context["figures"] = [fresh_figure(found)]
        context["log"] = Paginator(found.log(), ENTRIES).get_page(visit.query.get("page"))
    return rendered(visit, "leaderboard/fairness.html", context)


@PublicPage
def figure_data(visit: Visit, campaign: str, name: str) -> HttpResponse:
    """/leaderboard/<campaign>/fairness/<figure>.csv"""
    found = evidence(campaign_of(campaign))
    return figure_csv(tables_of(found) if found else [], name)


def evidence(campaign: Campaign) -> Evidence | None:
    """None without a board."""
    snapshot = overall(campaign)
    return Evidence(campaign, snapshot, shares_of(campaign)) if snapshot else None


def tables_of(found: Evidence) -> list[Figure]:
    return [fresh_figure(found), log_figure(found)]
