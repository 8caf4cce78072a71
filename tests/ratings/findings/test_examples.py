"""Battles shown on the compare page: only with consent, and without personal data."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from django.test import Client

from arena.counting import standing
from arena.exporting import consent
from arena.models import Answer, Campaign, Contestant, Revision, Vote, Voter
from arena.votes import casting
from ratings.findings.examples import Example, examples, votes_to_show
from ratings.limits import REQUESTS
from ratings.pages import compare
from ratings.pages.finding import overall
from ratings.refreshing import drafts
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/leaderboard/arena/compare/?a=ada&b=bea"


@pytest.fixture
def revisions(contestants: list[Contestant]) -> list[Revision]:
    return [factories.revision(one) for one in contestants]


@pytest.fixture
def voter() -> Voter:
    made = Voter.objects.create()
    consent.give(made)
    return made


def fight(voter: Voter, a: Revision, b: Revision, verdict: str, prompt: str = "Why?") -> Vote:
    battle = factories.battle(Campaign.live(), a.contestant, b.contestant, voter=voter)
    said = "**{}** says <script>x</script> ask bob@example.org"
    factories.turn(battle, prompt, {one: said.format(one.contestant.name) for one in (a, b)})
    return casting.cast(battle, voter, verdict)


def shown(campaign: Campaign, first: Contestant, second: Contestant) -> list[Example]:
    return examples(votes_to_show(campaign, first.slug, second.slug), first)


def test_newest_three_are_shown_with_the_first_model_first(
    campaign: Campaign, contestants: list[Contestant], revisions: list[Revision], voter: Voter
) -> None:
    a, b, c = revisions
    for i in range(4):
        fight(voter, *((a, b) if i % 2 else (b, a)), verdict="A", prompt=f"Question {i}")
    fight(voter, a, c, "A")
    found = shown(campaign, *contestants[:2])
    assert [one.prompt for one in found] == ["Question 3", "Question 2", "Question 1"]
    assert [one.verdict for one in found] == [
        "The voter preferred Ada.", "The voter preferred Bea.", "The voter preferred Ada.",
    ]  # fmt: skip
    for one in found:
        [exchange] = one.exchanges
        assert [name for name, *_ in exchange.answers] == ["Ada", "Bea"]
        assert ["Ada" in str(answer[0]) for _, answer, _ in exchange.answers] == [True, False]


def test_page_shows_no_address_and_no_markup_of_a_model(
    client: Client, revisions: list[Revision], voter: Voter
) -> None:
    a, b, c = revisions
    for one, other, verdict in ((b, c, "A"), (c, b, "A"), (a, c, "B"), (c, a, "B"), (a, b, "A")):
        fight(voter, one, other, verdict)
    fight(voter, b, a, "BOTH_BAD", prompt="I am ada@example.org <b>!")
    drafts.refresh_all()
    page = client.get(PAGE).content.decode()
    assert "I am [e-mail] &lt;b&gt;!" in page
    assert "<strong>Ada</strong> says" in page
    assert "ask [e-mail]" in page
    assert "The voter found neither good." in page
    assert "example.org" not in page
    assert "<script>x" not in page


def test_answer_that_was_cut_says_so_and_why(
    client: Client, revisions: list[Revision], voter: Voter
) -> None:
    a, b, _ = revisions
    vote = fight(voter, a, b, "A")
    late = Answer.objects.filter(turn__battle=vote.battle, side="B")
    late.update(finish_reason="deadline", deadline_s=120)
    drafts.refresh_all()
    page = client.get(PAGE).content.decode()
    assert page.count('class="note"') == page.count("Ran out of time (120 s).") == 1


def test_battles_of_voters_who_did_not_agree_are_not_shown(
    client: Client, campaign: Campaign, contestants: list[Contestant], revisions: list[Revision],
    voter: Voter,
) -> None:  # fmt: skip
    a, b, _ = revisions
    fight(Voter.objects.create(), a, b, "A", prompt="Never asked")
    excluded = fight(voter, a, b, "B", prompt="Set aside")
    Vote.objects.filter(pk=excluded.pk).update(standing=Vote.Standing.EXCLUDED)
    assert shown(campaign, *contestants[:2]) == []
    fight(voter, b, a, "B", prompt="Agreed")
    assert [one.prompt for one in shown(campaign, *contestants[:2])] == ["Agreed"]


def test_consent_taken_back_holds_from_the_next_request_on(
    client: Client, revisions: list[Revision], voter: Voter
) -> None:
    a, b, _ = revisions
    fight(voter, a, b, "A", prompt="Of one who agreed")
    fight(voter, b, a, "A", prompt="Of the same")
    drafts.refresh_all()
    for page in (PAGE, f"{PAGE}&long={'x' * REQUESTS.query_characters}"):
        consent.give(voter)
        assert "Of one who agreed" in client.get(page).content.decode()
        consent.withdraw(voter)
        seen = client.get(page).content.decode()
        assert "No voter has agreed to publish" in seen
        assert "Of " not in seen


def test_text_of_an_excluded_vote_is_gone_with_the_next_request(
    client: Client, revisions: list[Revision], voter: Voter
) -> None:
    a, b, _ = revisions
    spam = fight(voter, a, b, "A", prompt="Spam")
    fight(voter, b, a, "A", prompt="No spam at all")
    drafts.refresh_all()
    assert "Spam" in client.get(PAGE).content.decode()
    standing.exclude(Vote.objects.filter(pk=spam.pk), "spam")
    seen = client.get(PAGE).content.decode()
    assert "Spam" not in seen
    assert "No spam at all" in seen


def test_unchanged_page_with_texts_is_not_sent_again(
    client: Client, revisions: list[Revision], voter: Voter
) -> None:
    a, b, _ = revisions
    fight(voter, a, b, "A")
    drafts.refresh_all()
    etag = client.get(PAGE)["ETag"]
    assert client.get(PAGE, headers={"If-None-Match": etag}).status_code == 304
    consent.withdraw(voter)
    assert client.get(PAGE, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.usefixtures("votes")
def test_comparison_and_its_examples_are_of_one_snapshot(
    campaign: Campaign, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer one, made meanwhile, may name another pair."""
    drafts.refresh_all()
    found = Mock(side_effect=[overall(campaign)])
    monkeypatch.setattr(compare, "overall", found)
    page = client.get("/leaderboard/arena/compare/").content.decode()
    assert "Ada is ahead of Bea" in page
    assert found.call_count == 1
