"""What a voter said of criteria, on the receipt and in the file of one's own data."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from arena.models import Campaign, Voter
from arena.votes import forgetting
from ratings.refreshing.recount import differences

from .conftest import Cast, page_of
from .test_own_data import data_of
from .test_receipts import address

pytestmark = pytest.mark.django_db(transaction=True)


def test_receipt_tells_what_was_said_of_criteria(browser: Client, vote_on: Cast) -> None:
    Campaign.objects.update(criteria=["clear", "safe"])
    page = page_of(browser, address(vote_on(criteria={"safe": "BOTH_BAD"})))
    assert re.search(r"<dt>Safety</dt>\s*<dd>\s*Both are bad\s*</dd>", page)
    assert "Clarity" not in page


def test_criteria_are_downloaded_and_stay_with_the_vote(
    vote_on: Cast, browser: Client, voter: Voter
) -> None:
    Campaign.objects.update(criteria=["clear", "safe"])
    vote = vote_on(criteria={"safe": "B", "clear": "BOTH_BAD"})
    [battle] = data_of(browser)["battles"]
    assert battle["vote"]["criteria"] == {"clear": "BOTH_BAD", "safe": "B"}
    forgetting.forget(voter)
    assert vote.criteria.count() == 2
    assert differences(vote.battle.campaign) == []
