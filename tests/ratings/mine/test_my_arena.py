"""My arena: one's battles, one's own leaderboard, and how often one agrees with everybody."""

from __future__ import annotations

import re

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from arena.counting import standing
from arena.models import Battle, Campaign, Contestant, Revision, Vote, Voter
from ratings.core import Tallies
from ratings.core.methods.shrunk import shrunk
from ratings.limits import OWN_BOARDS
from ratings.mine.history import PER_PAGE
from ratings.mine.own_board import own_board
from ratings.models import Rating
from ratings.refreshing import drafts
from tests import factories
from tests.arena.conftest import become
from tests.bending import bend

from .conftest import Cast, page_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(vote_on: Cast) -> None:
    """Votes of others: Ada ahead of Bea ahead of Cy."""
    for a, b, wins, losses in ((0, 1, 8, 2), (1, 2, 7, 3), (0, 2, 9, 1)):
        for verdict, times in (("A", wins), ("B", losses)):
            for _ in range(times):
                vote_on(a, b, verdict, by=Voter.objects.create())


def test_browser_without_battles_is_told_what_will_be_here(
    client: Client, campaign: Campaign
) -> None:
    assert "has not started a battle yet" in page_of(client, "/mine/")
    become(client, Voter.objects.create())
    assert "has not started a battle yet" in page_of(client, "/mine/")
    assert 'href="/mine/"' in page_of(client, "/")
    assert "voter" not in Client().get("/mine/").cookies


def test_history_names_models_of_voted_battles_only(
    browser: Client, vote_on: Cast, voter: Voter, campaign: Campaign,
    revisions: list[Revision],
) -> None:  # fmt: skip
    voted = vote_on(0, 1, "TIE", "Is <b>this</b> voted?")
    cy = revisions[2].contestant
    Contestant.objects.filter(pk=cy.pk).update(name="Zyxophone")
    found = {}
    for state in ("OPEN", "VOID", "SKIPPED"):
        skipped = {"skipped": timezone.now()} if state == "SKIPPED" else {}
        found[state] = factories.battle(
            campaign, cy, revisions[0].contestant, voter=voter, state=state,
            void_reason="Zyxophone", **skipped,
        )  # fmt: skip
        factories.turn(found[state], f"This is {state}", dict.fromkeys(revisions[1:], "Zyxophone"))
    page = page_of(browser, "/mine/")
    assert "Is &lt;b&gt;this&lt;/b&gt; voted?" in page
    assert "Ada (A) against Bea (B)" in page
    assert f'href="/votes/{voted.battle.public_id}/"' in page
    assert "Zyxophone" not in page
    assert "No vote yet: open it to go on." in page
    assert f'href="/battles/{found["OPEN"].public_id}/"' in page
    assert "it could not be completed" in page
    assert "you skipped it" in page


def test_history_is_paged_and_only_ones_own(
    browser: Client, voter: Voter, campaign: Campaign, revisions: list[Revision]
) -> None:
    a, b, _ = revisions
    for by, times in ((voter, PER_PAGE + 1), (Voter.objects.create(), 2)):
        for i in range(times):
            battle = factories.battle(campaign, a.contestant, b.contestant, voter=by)
            who = "mine" if by == voter else "theirs"
            factories.turn(battle, f"Prompt {i} {who}.", {a: "x", b: "y"})
    first, second = (page_of(browser, f"/mine/?page={n}") for n in (1, 2))
    numbers = [re.findall(r"Prompt (\d+) mine\.", page) for page in (first, second)]
    assert numbers == [[str(i) for i in range(PER_PAGE, 0, -1)], ["0"]]
    assert "theirs" not in first + second
    assert f"Battles 1 to {PER_PAGE} of {PER_PAGE + 1}" in first
    for odd in ("0", "-1", "x", "9" * 50):
        assert "Prompt" in page_of(browser, f"/mine/?page={odd}")


@pytest.mark.usefixtures("crowd")
def test_own_leaderboard_is_shrunk_towards_that_of_everybody(
    browser: Client, vote_on: Cast, voter: Voter, campaign: Campaign, contestants: list[Contestant]
) -> None:
    for verdict in ("B", "B", "B", "TIE", "BOTH_BAD"):
        vote_on(0, 1, verdict)
    drafts.refresh_all()
    found = own_board(voter, campaign)
    general = {
        one.contestant_id: one
        for one in Rating.objects.filter(snapshot__board__slug="overall").order_by("pk")
    }
    a, b = contestants[:2]
    centre = np.array([general[one.pk].score for one in (a, b)])
    expected = shrunk(Tallies.from_votes([0] * 5, [1] * 5, [1, 1, 1, 2, 3], 2), centre)
    lines = {line.contestant: line for line in found.lines}
    assert [lines[one].score for one in (a, b)] == pytest.approx(expected.scores)
    assert [lines[one].upper for one in (a, b)] == pytest.approx(expected.upper)
    assert lines[a].score < centre[0]
    assert lines[b].score > centre[1]
    assert (found.votes, found.unknown, found.capped) == (5, 0, False)
    page = page_of(browser, "/mine/")
    assert "From 5 votes of yours" in page
    assert f"{lines[b].score:.0f}" in page
    assert lines[b].interval in page
    assert not re.search(r"\bCy\b", page)


@pytest.mark.usefixtures("crowd")
def test_agreement_is_the_share_of_votes_for_the_higher_score(
    browser: Client, vote_on: Cast
) -> None:
    for verdict in ("A", "A", "A", "B", "TIE", "BOTH_BAD"):
        vote_on(0, 2, verdict)
    assert "Agreement" not in page_of(browser, "/mine/")  # nothing is rated yet
    drafts.refresh_all()
    page = page_of(browser, "/mine/")
    # Wilson: 3 of 4.
    assert "Of your 4 votes for one side, 3 went to the model with the higher score" in page
    assert "75% (95% interval 30% to 95%)" in page


@pytest.mark.usefixtures("crowd")
def test_votes_that_do_not_count_move_nothing(vote_on: Cast, voter: Voter) -> None:
    vote = vote_on(0, 1, "B")
    drafts.refresh_all()
    assert own_board(voter, vote.battle.campaign).votes == 1
    standing.exclude(Vote.objects.filter(pk=vote.pk), "spam")
    assert own_board(voter, vote.battle.campaign).votes == 0


@pytest.mark.usefixtures("crowd")
def test_only_the_newest_votes_are_used(
    vote_on: Cast, voter: Voter, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    vote_on(0, 1, "A")
    for _ in range(3):
        vote_on(1, 2, "A")
    drafts.refresh_all()
    bend(monkeypatch, OWN_BOARDS, votes=3)
    found = own_board(voter, campaign)
    assert (found.votes, found.capped) == (3, True)
    assert {line.contestant.name for line in found.lines} == {"Bea", "Cy"}


@pytest.mark.usefixtures("crowd")
def test_board_of_a_campaign_by_invitation_is_not_shown(
    browser: Client, vote_on: Cast, campaign: Campaign
) -> None:
    vote_on()
    drafts.refresh_all()
    Campaign.objects.update(visibility=Campaign.Visibility.INVITATION)
    page = page_of(browser, f"/mine/?campaign={campaign.slug}")
    assert "own leaderboard" not in page
    assert "Ada (A) against Bea (B)" in page


def test_model_without_a_score_is_left_out_and_said(
    browser: Client, vote_on: Cast, voter: Voter, campaign: Campaign
) -> None:
    vote_on(0, 1, "A")  # Ada only won: nobody is rated
    drafts.refresh_all()
    found = own_board(voter, campaign)
    assert (found.lines, found.votes, found.unknown) == ([], 0, 1)
    assert "as soon as the models you have judged have scores" in page_of(browser, "/mine/")


def test_page_about_oneself_is_never_stored(browser: Client, vote_on: Cast) -> None:
    vote_on()
    assert "no-store" in browser.get("/mine/")["Cache-Control"]
    assert Battle.objects.count() == 1
