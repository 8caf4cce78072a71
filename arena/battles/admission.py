"""Whether a campaign takes battles now."""

from __future__ import annotations

from django.utils.formats import date_format

from ..errors import Refusal
from ..models import Campaign


def check_dates(campaign: Campaign) -> None:
    """Raises Refusal."""
    if campaign.has_closed():
        raise Refusal(
            "This campaign has ended. Thank you for your interest!", code="closed", is_thanks=True
        )
    if campaign.opens is not None and not campaign.is_open():
        opens = date_format(campaign.opens, "j F Y, H:i")
        raise Refusal(f"This campaign opens on {opens} UTC. Come back then.", code="not_yet")
