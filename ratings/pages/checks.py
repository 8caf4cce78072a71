"""What the checks of a campaign's answers say, beside its board."""

from __future__ import annotations

from django.http import HttpResponse

from ratings.findings import checks as found_of

from .figures import figure_csv
from .finding import campaign_of
from .public import PublicPage, Visit, rendered


@PublicPage
def checks(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/checks/"""
    chosen = campaign_of(campaign)
    context = {"campaign": chosen, "figures": found_of.figures(chosen), "here": "checks"}
    return rendered(visit, "leaderboard/checks.html", context)


@PublicPage
def figure_data(visit: Visit, campaign: str, name: str) -> HttpResponse:
    """/leaderboard/<campaign>/checks/<figure>.csv"""
    return figure_csv(found_of.figures(campaign_of(campaign)), name)
