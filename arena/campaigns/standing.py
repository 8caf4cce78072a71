"""How a campaign stands, in one line for staff."""

from __future__ import annotations

from django.db.models import Count
from django.utils.formats import date_format

from ..battles import admission
from ..models import Campaign, CampaignInvitation, Guest
from ..plurals import counted
from . import taking_part


def sentence(campaign: Campaign) -> str:
    """Such as "Open until 3 December 2026, 12:00 UTC · 2 valid invitations · 120 votes"."""
    return " · ".join((_open(campaign), _invited(campaign), _votes(campaign)))


def _open(campaign: Campaign) -> str:
    if campaign.kind == Campaign.Kind.IMPORTED:
        return "Imported: no battles"
    refusal = admission.why_closed(campaign)
    if refusal is not None:
        return str(refusal).partition(".")[0].removeprefix("This campaign ").capitalize()
    if campaign.closes is None:
        return "Open, without an end"
    return f"Open until {date_format(campaign.closes, 'DATETIME_FORMAT')} UTC"


def _invited(campaign: Campaign) -> str:
    if campaign.visibility != Campaign.Visibility.INVITATION:
        return campaign.get_visibility_display().partition(":")[0].capitalize()
    now, open_ = admission.now(), CampaignInvitation.State.OPEN
    valid = sum(one.state_at(now) == open_ for one in campaign.invitations.all())
    guests = Guest.objects.filter(invitation__campaign=campaign)
    voters = guests.aggregate(voters=Count("voter", distinct=True))["voters"]
    return f"{counted(valid, 'valid invitation')}, {counted(voters, 'voter')} came by one"


def _votes(campaign: Campaign) -> str:
    progress = taking_part.progress(campaign)
    goal = f" of {progress.goal:,}" if progress.goal else ""
    return f"{progress.votes:,}{goal} votes" if goal else counted(progress.votes, "vote")
