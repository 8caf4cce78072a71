"""Public pages of a prepared campaign change only with votes: who watches them learns nothing of an
open battle, nor whether its voter has been told who wrote the texts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from arena.campaigns import taking_part
from arena.models import Campaign, PreparedAnswer, Prompt, Voter
from arena.votes import casting, revealing
from ratings.refreshing import drafts

from ..conftest import become
from ..everything_public import Seen, differences, everything_public
from ..test_nothing_moves import clockwork
from .test_campaigns import NAMES, campaign, judge

__all__ = ["campaign"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("when", Campaign.Reveals.values)
def test_no_address_of_a_prepared_campaign_moves_but_by_votes(
    campaign: Campaign, voter: Voter, when: str, settings: Any
) -> None:
    settings.PUBLISH_EVERY = timedelta(0)  # as if hours went by
    Campaign.objects.filter(pk=campaign.pk).update(reveals=when)
    campaign.refresh_from_db()
    judge(campaign, Voter.objects.create())
    before = of_campaign(campaign)
    assert any(name.encode() in seen.body for seen in before.values() for name in NAMES)
    battle, browser = taking_part.begin(campaign, voter), Client()
    become(browser, voter)
    page = browser.get(f"/battles/{battle.public_id}/").getvalue().decode()
    assert [name for name in NAMES if name in page] == []
    assert differences(before, of_campaign(campaign)) == []
    casting.cast(battle, voter, "B")
    voted = of_campaign(campaign)
    assert differences(before, voted)
    if when == Campaign.Reveals.END:
        revealing.end_share(campaign, voter)
    page = browser.get(f"/battles/{battle.public_id}/").getvalue().decode()
    assert (battle.contestant_a.name in page) == (when != Campaign.Reveals.NEVER)
    assert differences(voted, of_campaign(campaign)) == []


@pytest.mark.parametrize("when", [Campaign.Reveals.END, Campaign.Reveals.NEVER])
def test_own_votes_alone_move_nothing_that_names_a_model(
    campaign: Campaign, voter: Voter, when: str, settings: Any
) -> None:
    settings.PUBLISH_EVERY = timedelta(0)  # as if hours went by
    Campaign.objects.filter(pk=campaign.pk).update(reveals=when)
    campaign.refresh_from_db()
    answers = PreparedAnswer.objects.filter(prompt__campaign=campaign)
    answers.update(total_s=2.0)
    late = answers.filter(revision__contestant__slug="zugzwang")
    late.update(state="QUEUED")  # the voter's votes are its first
    for prompt in Prompt.objects.filter(campaign=campaign):  # slices are by language, too
        prompt.text = f"What comes after the number {prompt.key}?"
        prompt.save()
    for _ in range(drafts.FEWEST):
        judge(campaign, Voter.objects.create())
    late.update(state="DONE")
    before = of_campaign(campaign)
    assert naming(before)
    for _ in range(3):
        judge(campaign, voter)
        assert naming(of_campaign(campaign)) == naming(before)
    for _ in range(drafts.FEWEST - 1):
        judge(campaign, Voter.objects.create())
    assert naming(of_campaign(campaign)) != naming(before)


def naming(seen: dict[str, Seen]) -> dict[str, bytes]:
    """The pages that name a contestant, but for how many votes all of a slice has."""
    return {
        address: re.sub(rb"\(\d+ (of 300 )?votes\)", b"", one.body)
        for address, one in seen.items()
        if any(name.encode() in one.body for name in NAMES)
    }


def of_campaign(campaign: Campaign) -> dict[str, Seen]:
    """Whatever is public of it, in English, after the periodic work."""
    clockwork()
    homes = (f"/campaigns/{campaign.slug}/", f"/leaderboard/{campaign.slug}/",
             f"/api/v1/campaigns/{campaign.slug}/")  # fmt: skip
    return everything_public((*homes, f"{homes[1]}newest.json", f"{homes[2]}ratings.csv"), homes)
