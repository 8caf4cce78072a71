"""Whose models are in the battles over time, and how pairs are drawn."""

from __future__ import annotations

from functools import partial

from django.db.models import Max
from django.http import HttpResponse

from arena.models import Campaign
from ratings.charts import Figure
from ratings.facts import Shares
from ratings.findings import shares as found
from ratings.presentation.board_view import BoardView
from ratings.presentation.policies import told
from ratings.presentation.vacancy import vacancy

from .cached import Asked
from .figures import figure_csv
from .finding import campaign_of, overall
from .public import PublicPage, Visit, rendered
from .snapshots import published_of


def shares_of(campaign: Campaign) -> Shares:
    """As of the newest publication."""
    published = published_of(campaign).order_by("-pk").first()
    return (published.facts.shares if published else None) or Shares()


def newest_policy(visit: Visit, campaign: str) -> Asked:
    """A new policy is on the page at once, not only with the next snapshot."""
    newest = campaign_of(campaign).matchmaking.aggregate(newest=Max("number"))
    return {"policy": newest["newest"]}


@partial(PublicPage, asked=newest_policy)
def shares(visit: Visit, campaign: str, policy: int | None) -> HttpResponse:
    """/leaderboard/<campaign>/shares/"""
    chosen = campaign_of(campaign)
    drawn = figures_of(chosen)
    context = {
        "campaign": chosen,
        "vacancy": None if drawn else vacancy(chosen, BoardView(None)),
        "figures": drawn,
        "absent": [figure for figure in drawn if not figure.drawing],
        "policies": [] if chosen.kind == Campaign.Kind.IMPORTED else told(chosen),
        "here": "shares",
    }
    return rendered(visit, "leaderboard/shares.html", context)


@PublicPage
def figure_data(visit: Visit, campaign: str, name: str) -> HttpResponse:
    """/leaderboard/<campaign>/shares/<figure>.csv"""
    return figure_csv(figures_of(campaign_of(campaign)), name)


def figures_of(campaign: Campaign) -> list[Figure]:
    return [found.figure(shares_of(campaign))] if overall(campaign) else []
