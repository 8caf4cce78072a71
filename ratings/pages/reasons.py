"""What voters say of each model: as of the newest publication."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from arena.models import Campaign, Reason
from ratings.findings.reason_figures import of_reason, whole
from ratings.findings.reasons import Shares
from ratings.presentation.board_view import BoardView
from ratings.presentation.vacancy import vacancy

from .figures import figure_csv
from .finding import campaign_of, missing, overall
from .public import PublicPage, Visit, rendered


@PublicPage
def all_reasons(visit: Visit, campaign: str) -> HttpResponse:
    """/leaderboard/<campaign>/reasons/"""
    found = shares_of(campaign_of(campaign))
    return _shown(visit, found, figures=[whole(found)])


@PublicPage
def one_reason(visit: Visit, campaign: str, reason: str) -> HttpResponse:
    """/leaderboard/<campaign>/reasons/<reason>/"""
    found, chosen = shares_of(campaign_of(campaign)), _reason(reason)
    return _shown(visit, found, figures=[of_reason(found, chosen.key)], chosen=chosen)


@PublicPage
def all_data(visit: Visit, campaign: str, name: str) -> HttpResponse:
    """/leaderboard/<campaign>/reasons/shares.csv"""
    return figure_csv([whole(shares_of(campaign_of(campaign)))], name)


@PublicPage
def one_data(visit: Visit, campaign: str, reason: str, name: str) -> HttpResponse:
    """/leaderboard/<campaign>/reasons/<reason>/shares.csv"""
    found, chosen = shares_of(campaign_of(campaign)), _reason(reason)
    return figure_csv([of_reason(found, chosen.key)], name)


def shares_of(campaign: Campaign) -> Shares:
    board = BoardView(overall(campaign))
    return Shares.of(campaign, board.all_lines if board.snapshot else [])


def _reason(key: str) -> Reason:
    """Raises Refused."""
    found = Reason.objects.filter(key=key).first()
    if found is None:
        raise missing(_("There is no such reason."))
    return found


def _shown(visit: Visit, found: Shares, **more: object) -> HttpResponse:
    board = BoardView(overall(found.campaign))
    context = {
        "campaign": found.campaign,
        "vacancy": None if board.snapshot else vacancy(found.campaign, board),
        "shares": found,
        "here": "reasons",
        **more,
    }
    return rendered(visit, "leaderboard/reasons.html", context)
