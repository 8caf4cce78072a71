"""What voters say of criteria: stored with the vote, and counted as the vote is."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from arena.battles import turns
from arena.counting import standing, tallies
from arena.errors import Refused
from arena.labels.criteria import CRITERIA
from arena.models import Battle, Campaign, CriterionVerdict, Tally, Vote, Voter
from arena.pages.presentation import BattleView
from arena.votes import casting, criteria
from arena.votes.forgetting import forget
from ratings.refreshing.recount import differences

from ..conftest import answer_all

pytestmark = pytest.mark.usefixtures("in_service")
SAID = {"accurate": "A", "clear": "TIE"}


@pytest.fixture
def campaign(in_service: None) -> Campaign:
    front = Campaign.live()
    front.criteria = ["clear", "accurate"]
    front.save()
    return front


@pytest.fixture
def battle(campaign: Campaign, voter: Voter) -> Battle:
    return answered(voter)


def answered(voter: Voter) -> Battle:
    battle = turns.begin(voter, "What is 3 * 7?")
    answer_all(battle)
    return battle


def vote_on(battle: Battle, verdict: str = "B", **said: str) -> Vote:
    return casting.cast(battle, battle.voter, verdict, criteria_said=said or SAID)


def slices() -> dict[str, int]:
    """The votes of each slice that asks a question, and of all."""
    found: dict[str, int] = {}
    for tally in Tally.objects.all():
        if tally.slice == "overall" or tally.slice.startswith("criterion-"):
            counts = sum(getattr(tally, name) for name in Tally.COUNTS)
            found[tally.slice] = found.get(tally.slice, 0) + counts
    return found


def test_verdicts_are_counted_each_in_the_slice_of_its_criterion_alone(battle: Battle) -> None:
    vote_on(battle)
    assert slices() == {"overall": 1, "criterion-accurate": 1, "criterion-clear": 1}
    of_a = "first_wins" if battle.contestant_a_id < battle.contestant_b_id else "second_wins"
    of_b = "second_wins" if of_a == "first_wins" else "first_wins"
    counted = {name: Tally.objects.get(slice=name) for name in slices()}
    assert getattr(counted["overall"], of_b) == 1
    assert getattr(counted["criterion-accurate"], of_a) == 1
    assert counted["criterion-clear"].ties == 1
    others = Tally.objects.exclude(slice__startswith="criterion-")
    assert {getattr(one, of_b) for one in others} == {1}
    assert differences(battle.campaign) == []


def test_criteria_are_counted_out_and_in_with_their_vote(battle: Battle, voter: Voter) -> None:
    vote_on(answered(voter), "TIE", clear="B")
    before = slices()
    vote = vote_on(battle)
    after = slices()
    one = Vote.objects.filter(pk=vote.pk)
    standing.exclude(one, "a robot")
    assert (slices(), differences(battle.campaign)) == (before, [])
    standing.count_again(one)
    assert (slices(), differences(battle.campaign)) == (after, [])
    one.update(standing=Vote.Standing.PENDING)
    assert {each.tallied - each.recounted for each in differences(battle.campaign) or []} == {1}
    one.update(standing=Vote.Standing.COUNTED)
    standing.exclude(Vote.objects.all(), "all by one robot")
    assert not Tally.objects.exists()


def test_tallies_made_anew_have_the_criteria(battle: Battle) -> None:
    vote_on(battle)
    before = slices()
    tallies.recount_slices(battle.campaign_id)
    assert (slices(), differences(battle.campaign)) == (before, [])


def test_criteria_outlive_the_data_of_their_voter(battle: Battle) -> None:
    """As the vote does: they are verdicts, without any text."""
    vote_on(battle)
    before = slices()
    forget(battle.voter)
    assert (slices(), differences(battle.campaign)) == (before, [])


def test_voters_of_a_criterion_are_counted(battle: Battle, voter: Voter) -> None:
    vote_on(battle, accurate="A")
    other = answered(Voter.objects.create())
    vote_on(other, clear="A")
    vote_on(answered(voter), clear="B")
    since = datetime(2020, 1, 1, tzinfo=UTC)
    found = {
        part: tallies.voters_since(battle.campaign_id, part, since)
        for part in ("overall", "criterion-accurate", "criterion-clear", "criterion-safe")
    }
    assert [*found.values()] == [2, 1, 2, 0]


def test_vote_without_an_answer_to_any_question_counts(battle: Battle, voter: Voter) -> None:
    casting.cast(battle, voter, "A")
    assert slices() == {"overall": 1}
    assert not CriterionVerdict.objects.exists()


def test_what_the_campaign_does_not_ask_is_left_out(battle: Battle) -> None:
    """The page may be older than the campaign's settings."""
    vote = vote_on(battle, accurate="A", creative="B", nonsense="A")
    assert criteria.said_of(vote) == [("Accuracy", "A is better")]


@pytest.mark.parametrize("verdict", ["a", "C", "TIE\0", "A;B"])
def test_what_is_no_verdict_is_refused_and_nothing_is_stored(battle: Battle, verdict: str) -> None:
    with pytest.raises(Refused, match="for each question, or none") as refusal:
        vote_on(battle, accurate=verdict)
    assert (refusal.value.code, refusal.value.status) == ("unknown_verdict", 400)
    assert (Vote.objects.count(), Tally.objects.count()) == (0, 0)


def test_same_vote_again_keeps_what_was_said_first(battle: Battle) -> None:
    vote = vote_on(battle, accurate="A")
    assert vote_on(battle, accurate="B", clear="B") == vote
    assert [*vote.criteria.values_list("criterion", "verdict")] == [("accurate", "A")]
    assert differences(battle.campaign) == []


def test_database_takes_a_criterion_of_a_vote_once_and_verdicts_only(battle: Battle) -> None:
    vote = vote_on(battle)
    for wrong in ({"criterion": "clear", "verdict": "A"}, {"criterion": "safe", "verdict": "C"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CriterionVerdict.objects.create(vote=vote, **wrong)


def test_page_asks_in_the_order_of_the_catalogue_and_sends_with_the_vote(
    battle: Battle, browser: Client
) -> None:
    address = f"/battles/{battle.public_id}/"
    page = browser.get(address).content.decode()
    asked = re.findall(r"<legend>(Which[^<]+)</legend>", page)
    assert asked == ["Which answer is more accurate?", "Which answer is clearer?"]
    assert not re.search(r"<input[^>]* checked", page)
    form = {"verdict": "B", "criterion-accurate": "A", "criterion-clear": "", "criterion-safe": "B"}
    browser.post(f"{address}vote/", form)
    assert [*CriterionVerdict.objects.values_list("criterion", "verdict")] == [("accurate", "A")]
    page = " ".join(browser.get(address).content.decode().split())
    assert "criterion-accurate" not in page
    assert "Accuracy: A is better" in page


def test_choices_stay_when_a_vote_is_refused(battle: Battle, browser: Client) -> None:
    form = {"verdict": "nonsense", "criterion-clear": "BOTH_BAD"}
    page = browser.post(f"/battles/{battle.public_id}/vote/", form).content.decode()
    [chosen] = re.findall(r"<input[^>]*checked[^>]*>", page)
    assert 'name="criterion-clear"' in chosen
    assert 'value="BOTH_BAD"' in chosen


def test_campaign_without_criteria_asks_nothing(voter: Voter) -> None:
    assert BattleView(answered(voter)).questions == []


def test_admin_chooses_criteria_and_not_too_many(admin_client: Client) -> None:
    address = f"/admin/arena/campaign/{Campaign.live().pk}/change/"
    given = {
        "slug": "arena", "name": "The arena", "kind": "LIVE", "visibility": "PUBLIC",
        "reveals": "END", "judgements_per_pair": 3, "shared_percent": 20, "licence": "CC-BY-4.0",
        "named_answers": "LEFT_OUT",
        **{f"{rows}-{name}_FORMS": 0 for rows in ("invitations", "suggestions")
           for name in ("TOTAL", "INITIAL")},
    }  # fmt: skip
    refused = admin_client.post(address, {**given, "criteria": [*CRITERIA][:5]})
    assert "Choose at most 4" in refused.content.decode()
    wrong = admin_client.post(address, {**given, "criteria": ["nonsense"]})
    assert "nonsense is not one of the available choices" in wrong.content.decode()
    assert admin_client.post(address, {**given, "criteria": ["safe", "clear"]}).status_code == 302
    assert Campaign.objects.get().criteria == ["safe", "clear"]
    page = admin_client.get(address).content.decode()
    assert len(re.findall(r'<input[^>]*name="criteria"[^>]*checked', page)) == 2
