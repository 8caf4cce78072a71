"""A voter's part in a campaign: how much is done, the thanks at its end, and the first pair."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from arena.battles import skipping
from arena.campaigns import first_pairs, taking_part
from arena.counting import standing
from arena.errors import Refused
from arena.matchmaking import own_share
from arena.matchmaking.own_share import Share
from arena.matchmaking.prepared_pairs import FIRST
from arena.models import Battle, Campaign, PreparedAnswer, Tally, Vote, Voter
from tests import factories

from ..conftest import page_of
from .test_campaigns import answered, campaign, judge, refused

__all__ = ["campaign"]
pytestmark = pytest.mark.django_db

PAGE = "/campaigns/ready/"
TASK = "Judge two answers"


def page(browser: Client) -> str:
    return browser.get(PAGE).content.decode()


def test_voter_reads_how_much_of_a_campaign_is_judged(
    browser: Client, campaign: Campaign, voter: Voter
) -> None:
    assert "judged by you" not in page(browser)
    judge(campaign, voter)
    skipping.skip(taking_part.begin(campaign, voter))
    battle = taking_part.begin(campaign, voter)
    assert own_share.share(campaign, voter) == Share(judged=1, skipped=1, underway=1, pairs=4)
    for shown in (page(browser), page_of(battle, browser)):
        assert "1 of 4 judged by you" in shown
        assert "1 skipped" in shown
    assert "judged by you" not in page(Client())
    assert "1 of 10 votes" in page(Client())


def test_number_of_pairs_is_not_told_where_nobody_could_judge_them_all(
    browser: Client, campaign: Campaign, voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(campaign, voter)
    monkeypatch.setattr(own_share, "WITHIN_REACH", 3)
    assert "1 judged by you" in page(browser)


def test_voter_who_has_judged_all_is_thanked_and_led_on(
    browser: Client, campaign: Campaign, voter: Voter
) -> None:
    other = Campaign.objects.create(slug="next", name="Another one", kind="PREPARED")
    Campaign.objects.create(slug="past", name="Past", kind="PREPARED", closes=timezone.now())
    for _each in range(4):
        assert TASK in page(browser)
        assert "Thank you!" not in page(browser)
        battle = judge(campaign, voter)
    assert "That was the last pair. Thank you!" in page_of(battle, browser)
    shown = page(browser)
    assert "You have judged all 4 pairs of this campaign." in shown
    assert f'<a class="button" href="/campaigns/{other.slug}/">Another one</a>' in shown
    assert TASK not in shown
    assert "Past" not in shown
    assert browser.post(f"{PAGE}battles/").headers["location"] == PAGE
    assert "Thank you!" not in page(Client())


def test_reached_goal_is_thanked_for_and_stops_nobody(
    browser: Client, campaign: Campaign, voter: Voter
) -> None:
    Campaign.objects.update(goal=2)
    judge(campaign, voter)
    assert "Thank you!" not in page(browser)
    judge(campaign, Voter.objects.create())
    assert "The goal of 2 votes is reached, with your help." in page(browser)
    assert TASK in page(browser)
    assert "Thank you!" not in page(Client())


def test_battle_left_long_ago_is_given_again_before_the_thanks(
    browser: Client, campaign: Campaign, voter: Voter
) -> None:
    left = taking_part.begin(campaign, voter)
    Battle.objects.filter(pk=left.pk).update(created=timezone.now() - timedelta(days=1))
    for _each in range(3):
        assert judge(campaign, voter) != left
    assert "Thank you!" not in page(browser)
    assert judge(campaign, voter) == left
    assert "Thank you!" in page(browser)
    assert refused(campaign, voter) == "all_judged"


@pytest.fixture
def two(campaign: Campaign) -> list[PreparedAnswer]:
    """The answers of the first pair."""
    chosen = list(PreparedAnswer.objects.filter(prompt__key="one").order_by("pk")[1:])
    first_pairs.choose(chosen[::-1])
    return chosen


def test_every_voter_begins_with_the_first_pair_which_never_counts(
    client: Client, campaign: Campaign, two: list[PreparedAnswer]
) -> None:
    for _each in range(3):
        campaign.refresh_from_db()
        voter = Voter.objects.create()
        battles = [judge(campaign, voter) for _pair in range(4)]
        pairings = [battle.judgement.pairing for battle in battles]
        assert [pairings[0].first, pairings[0].second] == two
        assert len({pairing.pk for pairing in pairings}) == 4
        assert (battles[0].policy, battles[0].selection_probability) == (FIRST, 1.0)
        assert [battle.vote.standing for battle in battles] == ["EXCLUDED", *["COUNTED"] * 3]
    total = Tally.objects.filter(slice="overall", campaign=campaign)
    assert sum(t.first_wins + t.second_wins for t in total) == 9
    assert taking_part.progress(campaign).votes == 9
    assert "Everybody begins with this pair" in page_of(battles[0], client)
    assert "Everybody begins with this pair" not in page_of(battles[1], client)
    receipt = client.get(f"/votes/{battles[0].public_id}/").content.decode()
    assert "Every voter of this campaign begins with this pair" in receipt
    standing.count_again(Vote.objects.filter(battle=battles[0]))
    assert sum(t.first_wins + t.second_wins for t in total.all()) == 10


def test_first_pair_of_answers_that_were_replaced_takes_no_other_pair_away(
    campaign: Campaign, two: list[PreparedAnswer]
) -> None:
    older = two[0]
    newer = factories.revision(older.revision.contestant, number=1, weights="newer")
    answered(older.prompt, newer)
    voter = Voter.objects.create()
    campaign.refresh_from_db()
    battles = [judge(campaign, voter) for _pair in range(5)]  # the four pairs of today, and this
    assert battles[0].judgement.pairing.first == older
    assert all(0 < battle.selection_probability <= 1 for battle in battles)
    assert refused(campaign, voter) == "all_judged"


def test_first_pair_can_be_dropped(campaign: Campaign, two: list[PreparedAnswer]) -> None:
    first_pairs.drop(campaign)
    assert judge(campaign, Voter.objects.create()).vote.standing == "COUNTED"


def test_only_two_finished_answers_to_one_prompt_are_a_first_pair(campaign: Campaign) -> None:
    one, two, three = PreparedAnswer.objects.filter(prompt__key="one").order_by("pk")
    other = PreparedAnswer.objects.filter(prompt__key="two").latest("pk")
    PreparedAnswer.objects.filter(pk=three.pk).update(state="WAITING")
    three.refresh_from_db()
    for wrong in ([], [one], [one, one], [one, two, three], [one, three], [one, other]):
        with pytest.raises(Refused, match="two finished answers"):
            first_pairs.choose(wrong)
    assert first_pairs.choose([one, two]).first_pair is not None


def test_staff_choose_the_first_pair(client: Client, admin_user: User, campaign: Campaign) -> None:
    client.force_login(admin_user)
    answers = list(PreparedAnswer.objects.filter(prompt__key="two").values_list("pk", flat=True))
    action = {"action": "show_first", "_selected_action": answers}
    said = client.post("/admin/arena/preparedanswer/", action, follow=True).content.decode()
    assert "Every voter of Ready now begins with this pair." in said
    campaign.refresh_from_db()
    assert campaign.first_pair is not None
    action["_selected_action"] = answers[:1]
    said = client.post("/admin/arena/preparedanswer/", action, follow=True).content.decode()
    assert "Choose two finished answers" in said
    client.post(
        "/admin/arena/campaign/",
        {"action": "drop_first_pair", "_selected_action": [campaign.pk]},
    )
    campaign.refresh_from_db()
    assert campaign.first_pair is None
