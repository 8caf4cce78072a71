"""What the reveal offers for sharing a battle."""

from __future__ import annotations

from dataclasses import dataclass

from ..exporting import consent
from ..exporting.shares import can_share
from ..models import Share, Vote


@dataclass(frozen=True)
class Sharing:
    share: Share | None
    wording: str  # to agree to first; "" if the voter has

    @property
    def token(self) -> str:
        return self.share.token if self.share else ""


def sharing_of(vote: Vote) -> Sharing | None:
    if not can_share(vote):
        return None
    if not consent.is_given(vote.voter):  # what was shared is not shown any more
        return Sharing(None, str(consent.WORDING))
    return Sharing(Share.objects.filter(vote=vote).first(), "")
