"""Everything that is known about one model, and its badge."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from arena.models import Campaign, Contestant
from arena.plurals import local
from ratings.boards import listing
from ratings.charts import Figure, History
from ratings.findings import openness
from ratings.findings.by_slice import strengths
from ratings.findings.gaps import MOST_STAGES, thinned
from ratings.models import Rating
from ratings.presentation.board_view import BoardView
from ratings.presentation.lines import Line, in_billions
from ratings.presentation.sentences import of_score

from .figures import figure_csv
from .finding import campaign_of, missing, overall
from .public import PublicPage, Visit, rendered

LONGEST_NAME = 24  # characters of a campaign on a badge


@PublicPage
def model(visit: Visit, campaign: str, slug: str) -> HttpResponse:
    """/leaderboard/<campaign>/models/<slug>/"""
    chosen, line, board = _line(campaign, slug)
    context = {
        "campaign": chosen,
        "line": line,
        "board": board,
        "contestant": line.contestant,
        "events": line.contestant.events.all(),
        "revisions": line.contestant.revisions.filter(number__gt=0),
        "figures": figures_of(chosen, line.contestant),
        "published": openness.facts(line),
        "training_tokens": in_billions(line.contestant.training_tokens),
        "here": "model",
    }
    return rendered(visit, "leaderboard/model.html", context)


@PublicPage
def figure_data(visit: Visit, campaign: str, slug: str, name: str) -> HttpResponse:
    """/leaderboard/<campaign>/models/<slug>/<figure>.csv"""
    chosen, line, _board = _line(campaign, slug)
    return figure_csv(figures_of(chosen, line.contestant), name)


def figures_of(campaign: Campaign, contestant: Contestant) -> list[Figure]:
    return [history(campaign, contestant), strengths(campaign, contestant, overall(campaign))]


@PublicPage
def badge(visit: Visit, campaign: str, slug: str) -> HttpResponse:
    """/leaderboard/<campaign>/models/<slug>/badge.svg: for a model's README"""
    chosen, line, _board = _line(campaign, slug)
    says = _("rank %(rank)s") % {"rank": line.rank} if line.rated else _("not ranked yet")
    if not chosen.is_front:  # a model may have a badge of each campaign
        says = f"{says} · {Truncator(chosen.name).chars(LONGEST_NAME)}"
    width = 12 + round(6.6 * len(says))
    return rendered(
        visit,
        "leaderboard/badge.svg",
        {"says": says, "width": width, "whole": 78 + width, "middle": 78 + width / 2},
        content_type="image/svg+xml",
    )


def _line(campaign: str, slug: str) -> tuple[Campaign, Line, BoardView]:
    chosen = campaign_of(campaign)
    board = BoardView(overall(chosen))
    for line in board.all_lines:
        if line.contestant.slug == slug:
            return chosen, line, board
    raise missing(_("No model of that name has votes in this campaign."))


def history(campaign: Campaign, contestant: Contestant) -> Figure:
    """Its score in every publication."""
    of_it = Rating.objects.filter(
        contestant=contestant,
        snapshot__board__campaign=campaign,
        snapshot__board__slug=listing.OVERALL,
        snapshot__published__isnull=False,
        lower__isnull=False,
        upper__isnull=False,
    ).order_by("snapshot_id")
    rows = [
        (when, score or 0.0, lower or 0.0, upper or 0.0)
        for when, score, lower, upper in of_it.values_list(
            "snapshot__created", "score", "lower", "upper"
        )
    ]
    rows = list(thinned(rows, MOST_STAGES))
    title = _("%(model)s has no history of scores yet.") % {"model": contestant.name}
    if len(rows) > 1:
        title = of_score(contestant.name, rows[0][1:], rows[-1][1:])
    return Figure(
        "history",
        title,
        _("Score with 95% interval in each published snapshot."),
        (_("When"), _("Score"), _("Lower"), _("Upper")),
        [
            (f"{when:%Y-%m-%d %H:%M}", *(local(f"{n:.1f}") for n in numbers))
            for when, *numbers in rows
        ],
        "history",
        History.draw(rows) if len(rows) > 1 else None,
        absent=_("There is only one publication so far, so there is no history to draw yet.")
        if rows
        else _("It has not been rated in a publication yet."),
    )
