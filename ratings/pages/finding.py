"""From a URL to a campaign and the snapshot to show."""

from __future__ import annotations

from django.utils.translation import gettext as _

from arena.errors import Code, Refused
from arena.labels.slices import is_span
from arena.models import Campaign
from ratings.boards import listing
from ratings.freshness import for_a_moment
from ratings.models import Snapshot
from ratings.presentation.choices import Choices


def missing(sentence: str) -> Refused:
    return Refused(sentence, code=Code.MISSING, status=404)


@for_a_moment
def campaign_of(slug: str) -> Campaign:
    """Raises Refused, also for campaigns by invitation, which have no public pages."""
    found = Campaign.objects.filter(slug=slug).first()
    if found is None or found.visibility == Campaign.Visibility.INVITATION:
        raise missing(_("There is no such campaign."))
    return found


def home_campaign() -> Campaign | None:
    """The campaign of /leaderboard/: the live one, or the first there is."""
    return next(iter(listing.public_campaigns()), None)


def newest(campaign: Campaign | None, choices: Choices) -> Snapshot | None:
    """The newest snapshot of the chosen board, if it still has enough votes: some may have been
    excluded. For a day, the newest one published by its end. This also requests a range of months
    that has no board yet; its snapshot is there a second later."""
    if campaign is not None and is_span(choices.part) and not choices.day:
        listing.ask_for(campaign, choices.part)
    return listing.newest(campaign, choices.board_slug, choices.day)


def overall(campaign: Campaign) -> Snapshot | None:
    """The newest snapshot of the default board: Bradley-Terry, ties as half wins."""
    return newest(campaign, Choices())
