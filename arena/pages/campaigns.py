"""The campaigns' pages: a list, a page about each, and the start of its battles."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..campaigns import taking_part
from ..campaigns.taking_part import Progress, Share
from ..errors import Code, Refused
from ..exporting import consent
from ..models import Campaign, ImportChange, Voter
from ..votes.voters import remember, voter_of, voter_or_new


@dataclass(frozen=True)
class CampaignView:
    campaign: Campaign
    progress: Progress
    share: Share | None = None  # of the voter who looks at it

    @property
    def can_judge(self) -> bool:
        return self.campaign.kind == Campaign.Kind.PREPARED and self.campaign.is_open()

    @property
    def has_judged_all(self) -> bool:
        return self.share is not None and self.share.is_complete

    @property
    def is_thankful(self) -> bool:
        """To a voter who has judged all pairs, or helped to reach the goal."""
        has_helped = self.share is not None and self.share.judged > 0
        return has_helped and (self.has_judged_all or self.progress.is_reached)

    @property
    def others(self) -> list[Campaign]:
        """Campaigns to go on with."""
        public = Campaign.objects.filter(
            visibility=Campaign.Visibility.PUBLIC, kind=Campaign.Kind.PREPARED
        )
        return [each for each in public.exclude(pk=self.campaign.pk) if each.is_open()]

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
    def languages(self) -> list[str]:
        return self.campaign.languages.replace(",", " ").split()


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """/campaigns/"""
    public = Campaign.objects.filter(visibility=Campaign.Visibility.PUBLIC).order_by("-pk")
    return render(request, "campaigns/index.html", {"views": [view(each) for each in public]})


@never_cache
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """/campaigns/<slug>/"""
    return _page(request, _find(request, slug))


@require_POST
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """/campaigns/<slug>/battles/"""
    campaign = _find(request, slug)
    voter = voter_or_new(request)
    if request.POST.get("consent") == "yes":
        consent.give(voter)
    response = _begun(request, campaign, voter)
    remember(response, voter)
    return response


def _begun(request: HttpRequest, campaign: Campaign, voter: Voter) -> HttpResponse:
    try:
        battle = taking_part.begin(campaign, voter)
    except Refused as refusal:
        if refusal.code is Code.ALL_JUDGED:
            return redirect("campaign", campaign.slug)  # which says thank you
        return _page(request, campaign, refusal, voter)
    return redirect("battle", battle.public_id)


def view(campaign: Campaign, voter: Voter | None = None) -> CampaignView:
    is_prepared = campaign.kind == Campaign.Kind.PREPARED
    share = taking_part.share(campaign, voter) if voter and is_prepared else None
    return CampaignView(campaign, taking_part.progress(campaign), share)


def _find(request: HttpRequest, slug: str) -> Campaign:
    """The campaign. An invitation is only needed once, in the link: the session remembers it."""
    invitation = request.GET.get("invitation") or request.session.get(f"invitation:{slug}", "")
    campaign = taking_part.find(slug, invitation)
    if "invitation" in request.GET and campaign.visibility == Campaign.Visibility.INVITATION:
        request.session[f"invitation:{slug}"] = invitation
    return campaign


def _page(
    request: HttpRequest,
    campaign: Campaign,
    refusal: Refused | None = None,
    voter: Voter | None = None,  # one whose cookie is not set yet
) -> HttpResponse:
    voter = voter or voter_of(request.COOKIES)
    context = {
        "view": view(campaign, voter),
        "refusal": refusal,
        "consent": consent.WORDING,
        "has_consented": voter is not None and consent.is_given(voter),
    }
    status = refusal.status if refusal else 200
    return render(request, "campaigns/page.html", context, status=status)
