"""Invitations to a campaign: who may see it, and who may take part.

An invitation's link is only needed once. Whoever begins a battle with it becomes its guest, and
stays one when it expires; only revoking it ends that.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ..errors import Code, Refused
from ..models import Campaign, CampaignInvitation, Guest, Voter

State = CampaignInvitation.State
WORDS = {
    State.EXPIRED: gettext_noop(
        "This invitation has expired. Ask whoever sent it to you to renew it."
    ),
    State.FULL: gettext_noop(
        "This invitation has been used by as many people as it was made for. Ask whoever sent it "
        "to you for another."
    ),
    State.REVOKED: gettext_noop("This invitation has been withdrawn. Ask whoever sent it to you."),
}


def is_by_invitation(campaign: Campaign) -> bool:
    return campaign.visibility == Campaign.Visibility.INVITATION


def is_guest(campaign: Campaign, voter: Voter | None) -> bool:
    by = Guest.objects.filter(invitation__campaign=campaign, invitation__revoked=False)
    return voter is not None and by.filter(voter=voter).exists()


def check(campaign: Campaign, voter: Voter) -> None:
    """Raises Refused if the voter may not take part."""
    if is_by_invitation(campaign) and not is_guest(campaign, voter):
        raise nothing_here()


def check_visible(campaign: Campaign, voter: Voter | None, code: str, now: datetime) -> None:
    """Raises Refused if neither the voter nor the code gives access."""
    if is_by_invitation(campaign) and not is_guest(campaign, voter):
        _check(_find(campaign, code), now)


@transaction.atomic
def admit(campaign: Campaign, voter: Voter, code: str, now: datetime) -> None:
    """Make the voter a guest, if the campaign is by invitation. Raises Refused."""
    if not is_by_invitation(campaign) or is_guest(campaign, voter):
        return
    found = _find(campaign, code)
    # Locked: two voters could otherwise race for the last place.
    found = CampaignInvitation.objects.select_for_update().get(pk=found.pk)
    _check(found, now)
    Guest.objects.get_or_create(invitation=found, voter=voter)


def _find(campaign: Campaign, code: str) -> CampaignInvitation:
    found = campaign.invitations.filter(code=code).first() if code and "\0" not in code else None
    if found is None:
        raise nothing_here()
    return found


def _check(invitation: CampaignInvitation, now: datetime) -> None:
    state = invitation.state_at(now)
    if state != State.OPEN:
        raise Refused(_(WORDS[state]), code=Code.NO_INVITATION, status=403)


def nothing_here() -> Refused:
    """The same whether there is such a campaign or not."""
    return Refused(
        _(
            "There is no such campaign, or it is by invitation only. If you were invited, open "
            "your invitation link."
        ),
        code=Code.NO_SUCH_CAMPAIGN,
        status=404,
    )
