"""A campaign as one page to print, of its newest publication."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from ratings.findings.report import Report
from ratings.presentation.vacancy import unpublished

from .finding import campaign_of, overall
from .public import PublicPage, Visit, rendered
from .snapshots import published_of, size_of


@PublicPage
def report(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/report/"""
    chosen = campaign_of(campaign)
    newest = overall(chosen)
    published = published_of(chosen).order_by("-pk").first() if newest else None
    context: dict[str, Any] = {"campaign": chosen, "snapshot": published, "here": "report"}
    if published is None:
        context["vacancy"] = unpublished(chosen, newest)
    else:
        context["report"] = Report(chosen, published)
        context["size"] = size_of(published)
    return rendered(visit, "leaderboard/report.html", context)
