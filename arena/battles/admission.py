"""Whether a campaign takes a battle, a follow-up or a vote now, and if not, why: every way to one
asks here. Dates are compared with the database's clock, which all processes share."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext

from ..errors import Code, Refused
from ..limits import CAMPAIGNS
from ..models import Battle, Campaign, Voter
from . import guests


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        [value] = cursor.fetchone()
    assert isinstance(value, datetime)
    return value


def check_begin(campaign: Campaign, voter: Voter) -> None:
    """Raises Refused if this voter can't begin a battle in the campaign now."""
    guests.check(campaign, voter)
    if refusal := why_closed(campaign):
        raise refusal


def check_follow_up(battle: Battle) -> None:
    """Raises Refused once the campaign has closed: what was begun is only voted on then."""
    if has_closed(battle.campaign):
        raise Refused(
            gettext("This campaign has ended. You can still vote on this battle for an hour."),
            code=Code.CLOSED,
        )


def check_vote(battle: Battle) -> None:
    """Raises Refused if the campaign has been closed for too long. Not for an expired or revoked
    invitation: its battle was begun with a valid one."""
    closes = battle.campaign.closes
    if closes is not None and closes + timedelta(seconds=CAMPAIGNS.vote_s) <= now():
        raise Refused(
            gettext("This campaign ended more than an hour ago, so it takes no more votes."),
            code=Code.CLOSED,
        )


def has_closed(campaign: Campaign) -> bool:
    return campaign.closes is not None and campaign.closes <= now()


def why_closed(campaign: Campaign) -> Refused | None:
    """Why nobody can begin a battle in the campaign now; None if it is open."""
    if campaign.opens is None and campaign.closes is None:
        return paused() if campaign.paused else None
    at = now()
    if campaign.has_closed(at):
        said = gettext("This campaign has ended. Thank you for your interest!")
        return Refused(said, code=Code.CLOSED, is_thanks=True)
    if campaign.opens is not None and not campaign.is_open(at):
        opens = date_format(campaign.opens, "DATETIME_FORMAT")
        said = gettext("This campaign opens on %(opens)s UTC. Come back then.") % {"opens": opens}
        return Refused(said, code=Code.NOT_YET)
    return paused() if campaign.paused else None


def paused() -> Refused:
    said = gettext("This campaign is paused: no battle can begin at the moment. Come back later.")
    return Refused(said, code=Code.CAMPAIGN_PAUSED)
