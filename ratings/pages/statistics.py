"""Statistics of the votes, and the method."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from arena.models import Campaign
from ratings import statistics as counted
from ratings.cached import by_snapshot
from ratings.charts import Figure
from ratings.results import result_of

from .data import figure_csv
from .finding import campaign_of, home_campaign, overall
from .snapshots import published_of


@by_snapshot
@require_safe
def statistics(request: HttpRequest, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/statistics/"""
    chosen = campaign_of(campaign)
    context = {"campaign": chosen, "figures": figures_of(chosen), "here": "statistics"}
    return render(request, "leaderboard/statistics.html", context)


@by_snapshot
@require_safe
def figure_data(request: HttpRequest, campaign: str, name: str) -> HttpResponse:
    """/leaderboard/<campaign>/statistics/<figure>.csv"""
    return figure_csv(figures_of(campaign_of(campaign)), name)


def figures_of(campaign: Campaign) -> list[Figure]:
    snapshot = overall(campaign)
    if snapshot is None:
        return []
    published = published_of(campaign).order_by("-pk").first()
    votes = published.facts.get("votes", {}) if published else {}
    return counted.figures(result_of(snapshot), votes)


@by_snapshot
@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """/leaderboard/method/"""
    context = {"campaign": home_campaign(), "here": "method"}
    return render(request, "leaderboard/method.html", context)
