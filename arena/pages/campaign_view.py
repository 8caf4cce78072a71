"""A campaign as its visitor sees it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Sum
from django.utils.translation import gettext

from ..battles import admission
from ..battles.languages import Languages, languages_of
from ..campaigns import taking_part
from ..campaigns.taking_part import Progress
from ..errors import Code, Refused
from ..matchmaking import own_share
from ..matchmaking.own_share import Share
from ..models import Campaign, ImportChange, Voter
from ..votes import revealing
from .told import Told, told

Kind = Campaign.Kind


@dataclass(frozen=True)
class CampaignView:
    campaign: Campaign
    progress: Progress
    voter: Voter | None = None  # who looks at it
    share: Share | None = None  # of this voter

    @property
    def has_battles(self) -> bool:
        return self.campaign.kind != Kind.IMPORTED

    @cached_property
    def closed(self) -> Refused | None:
        """Why no battle can begin now."""
        return admission.why_closed(self.campaign) if self.has_battles else None

    @property
    def can_judge(self) -> bool:
        return self.campaign.kind == Kind.PREPARED and self.closed is None

    @property
    def can_ask(self) -> bool:
        return self.campaign.kind == Kind.LIVE and self.closed is None

    @cached_property
    def is_front(self) -> bool:
        return self.campaign.is_front

    @property
    def state(self) -> str:
        """For a list: whether it is open; "" where there is nothing to begin."""
        if self.closed is not None:
            words = {
                Code.CLOSED: gettext("It has ended."),
                Code.CAMPAIGN_PAUSED: gettext("Paused at the moment"),
            }
            return words.get(self.closed.code, str(self.closed))
        if self.can_judge:
            return gettext("Answers are ready to judge")
        return gettext("Open for battles") if self.can_ask else ""

    @property
    def has_judged_all(self) -> bool:
        return self.share is not None and self.share.is_complete

    @cached_property
    def untold(self) -> int:
        """Votes that the visitor may ask to be told about."""
        tells = self.campaign.reveals == Campaign.Reveals.END
        return revealing.untold(self.campaign, self.voter) if self.voter and tells else 0

    @cached_property
    def told(self) -> list[Told]:
        """The visitor's votes with names, the newest first."""
        is_over = self.has_judged_all or not self.campaign.tells_at_once
        return told(self.campaign, self.voter) if self.voter and is_over else []

    @property
    def is_thankful(self) -> bool:
        """To a voter who has judged all pairs, or helped to reach the goal."""
        has_helped = self.share is not None and self.share.judged > 0
        return has_helped and (self.has_judged_all or self.progress.is_reached)

    @property
    def others(self) -> list[Campaign]:
        """Campaigns to go on with."""
        public = Campaign.objects.filter(
            visibility=Campaign.Visibility.PUBLIC, kind=Kind.PREPARED
        ).exclude(pk=self.campaign.pk)
        return [each for each in public if admission.why_closed(each) is None]

    @property
    def votes_from_elsewhere(self) -> int:
        return self.campaign.imports.counted().aggregate(votes=Sum("votes"))["votes"] or 0

    @property
    def withdrawn(self) -> list[ImportChange]:
        """Why imports of votes are withdrawn, the newest first."""
        found = ImportChange.objects.filter(
            source__campaign=self.campaign, source__withdrawn__isnull=False, withdrawn=True
        )
        newest = found.order_by("source_id", "-pk").distinct("source_id")
        return sorted(newest, key=lambda change: -change.pk)

    @property
    def languages(self) -> Languages:
        return languages_of(self.campaign)


def view(campaign: Campaign, voter: Voter | None = None) -> CampaignView:
    is_prepared = campaign.kind == Kind.PREPARED
    share = own_share.share(campaign, voter) if voter and is_prepared else None
    whose = voter if is_prepared else None
    return CampaignView(campaign, taking_part.progress(campaign), whose, share)
