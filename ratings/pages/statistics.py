"""Statistics of the votes, and the method."""

from __future__ import annotations

from django.http import HttpResponse

from ratings.archive.results import result_of
from ratings.charts import Figure
from ratings.facts import Facts
from ratings.findings import criteria_boards
from ratings.findings import statistics as counted
from ratings.models import Snapshot

from .figures import pages_of
from .finding import campaign_of, home_campaign
from .public import PublicPage, Visit, rendered
from .snapshots import published_of


def figures_of(snapshot: Snapshot) -> list[Figure]:
    published = published_of(snapshot.board.campaign).order_by("-pk").first()
    found = counted.figures(result_of(snapshot), published.facts if published else Facts())
    every = [*criteria_boards.figures(snapshot), *found]
    return sorted(every, key=lambda figure: figure.drawing is None)


# /leaderboard/<campaign>/statistics/ and, below it, <figure>.csv
statistics, figure_data = pages_of("statistics", figures_of)


@PublicPage
def method(visit: Visit, campaign: str = "") -> HttpResponse:
    """/leaderboard/method/, /leaderboard/<campaign>/method/"""
    chosen = campaign_of(campaign) if campaign else home_campaign()
    context = {"campaign": chosen, "here": "method"}
    return rendered(visit, "leaderboard/method.html", context)
