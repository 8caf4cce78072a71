"""Whether a campaign takes battles now."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext

from ..errors import Code, Refused
from ..models import Campaign


def check_dates(campaign: Campaign) -> None:
    """Raises Refused."""
    if campaign.has_closed():
        raise Refused(
            gettext("This campaign has ended. Thank you for your interest!"),
            code=Code.CLOSED,
            is_thanks=True,
        )
    if campaign.opens is not None and not campaign.is_open():
        opens = date_format(campaign.opens, "DATETIME_FORMAT")
        raise Refused(
            gettext("This campaign opens on %(opens)s UTC. Come back then.") % {"opens": opens},
            code=Code.NOT_YET,
        )
