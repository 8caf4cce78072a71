"""The receipt of a vote in a campaign that never tells names, in Chromium: its board waits."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from playwright.sync_api import expect

from arena.models import Campaign, Voter
from arena.votes.voters import remember
from tests.arena.campaigns.test_campaigns import campaign, judge

from .test_moderation_round import Opened, look, opened

__all__ = ["campaign", "opened"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_receipt_says_that_the_board_waits_for_five_voters(
    transactional_db: None, campaign: Campaign, opened: Opened
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(reveals=Campaign.Reveals.NEVER)
    campaign.refresh_from_db()
    voter, response = Voter.objects.create(), HttpResponse()
    battle = judge(campaign, voter)
    remember(response, voter)
    [(name, cookie)] = response.cookies.items()
    with opened(name, cookie.value) as page:
        page.goto(f"/votes/{battle.public_id}/")
        expect(page.get_by_text("once votes of five voters are new")).to_be_visible()
        look(page, "receipt-late-names")
        page.goto(f"/leaderboard/{campaign.slug}/method/")
        expect(page.get_by_text("wait for votes of five voters")).to_be_visible()
