"""Models that many push together, in Chromium: the panel, its voters, the evidence against one of
them, votes counted again, and that undone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from arena.models import Campaign, Vote
from ratings.refreshing import drafts
from tests.ratings.desk.conftest import Somebody, campaign, cast, contestants, revisions
from tests.ratings.desk.test_pushes import came, earlier, fair, pushing, watch
from tests.ratings.desk.test_watching import COUNTED, PENDING, standings

from .test_moderation_round import look, moderator, opened

__all__ = [
    "campaign", "cast", "contestants", "earlier", "fair", "moderator", "opened",
    "pushing", "revisions",
]  # fmt: skip
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pushed(
    transactional_db: None, campaign: Campaign, earlier: list[Vote], fair: Somebody,
    pushing: Somebody,
) -> list[Vote]:  # fmt: skip
    """Of twelve voters; held."""
    watch()
    votes, _ = came(fair, pushing)
    drafts.refresh_all()
    watch()
    return votes


def test_moderators_judge_a_push(moderator: Page, pushed: list[Vote]) -> None:
    page = moderator
    page.goto("/admin/")
    panel = page.locator("section#pushed")
    expect(panel).to_contain_text("Votes for Ocelot, in The arena")
    look(page, "push-control-room")
    panel.get_by_role("link", name="about 12").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(12)
    look(page, "push-voters")

    voter = pushed[0].voter_id
    page.get_by_role("link", name=str(voter), exact=True).click()
    expect(page.get_by_text("one of about 12 who vote for Ocelot since")).to_be_visible()
    expect(page.get_by_role("row", name="Pushed by many together")).to_contain_text("–")
    look(page, "push-voter")
    page.get_by_role("button", name="Count them again …").click()
    look(page, "push-counting-again")
    page.get_by_role("button", name="Count again", exact=True).click()
    expect(page.get_by_text("Applied to 5 votes.")).to_be_visible()
    look(page, "push-counted-again")
    of_the_voter = [vote for vote in pushed if vote.voter_id == voter]
    assert standings(of_the_voter) == {COUNTED}
    page.get_by_role("button", name="Undo: every vote as before").click()
    expect(page.get_by_text("Undone: 5 votes as before.")).to_be_visible()
    look(page, "push-undone")
    assert standings(pushed) == {PENDING}
