"""What the page of a battle tells after the vote."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from arena.counting import standing
from arena.models import Answer, Battle, Campaign, Contestant, Tally, Vote, Voter
from arena.pages.crowd import crowd_of
from arena.pages.presentation import BattleView
from arena.votes import casting
from tests import factories

from ..conftest import answer_all, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def voted(battle: Battle) -> Battle:
    answer_all(battle)
    casting.cast(battle, battle.voter, "A")
    battle.refresh_from_db()
    return battle


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def vote_again(
    battle: Battle, verdict: str, *, swapped: bool = False, by: Voter | None = None
) -> Vote:
    """Another battle of the same two models: another voter's, unless `by` is given."""
    pair = [battle.contestant_a, battle.contestant_b]
    a, b = reversed(pair) if swapped else pair
    return factories.vote(factories.battle(battle.campaign, a, b, voter=by), verdict)


def counts(battle: Battle) -> list[int]:
    """As they stand on the page: A, tie, both bad, B."""
    crowd = crowd_of(Battle.objects.get(pk=battle.pk).vote)
    assert crowd.votes == sum(choice.votes for choice in crowd.choices)
    return [choice.votes for choice in crowd.choices]


def test_votes_of_others_are_counted_without_ones_own_and_by_side(voted: Battle) -> None:
    assert counts(voted) == [0, 0, 0, 0]
    for verdict in ("A", "A", "TIE", "BOTH_BAD"):
        vote_again(voted, verdict)
    for verdict in ("A", "TIE"):  # there, B's model is on side A
        vote_again(voted, verdict, swapped=True)
    assert counts(voted) == [2, 2, 1, 1]


def test_all_of_ones_own_votes_on_the_pair_are_left_out(voted: Battle) -> None:
    for verdict in ("A", "B", "TIE"):
        vote_again(voted, verdict, by=voted.voter)
        vote_again(voted, verdict, by=voted.voter, swapped=True)
    assert counts(voted) == [0, 0, 0, 0]
    vote_again(voted, "B", swapped=True)
    assert counts(voted) == [1, 0, 0, 0]


def test_own_vote_that_does_not_count_takes_nothing_from_those_of_others(voted: Battle) -> None:
    vote_again(voted, "A")
    standing.exclude(Vote.objects.filter(battle=voted), "a test")
    assert counts(voted) == [1, 0, 0, 0]


def test_votes_of_another_campaign_are_none_of_this_pair(voted: Battle) -> None:
    other = Campaign.objects.create(slug="other", name="Other", kind=Campaign.Kind.IMPORTED)
    first, second = sorted((voted.contestant_a, voted.contestant_b), key=lambda one: one.pk)
    Tally.objects.create(campaign=other, first=first, second=second, first_wins=5)
    assert counts(voted) == [0, 0, 0, 0]


def test_reveal_tells_how_others_voted(voted: Battle, client: Client) -> None:
    assert "Nobody else has voted on these two models yet." in page_of(voted, client)
    vote_again(voted, "B")
    page = page_of(voted, client)
    assert "1 vote by others on these two models; yours is not among them." in plain(page)
    assert '<rect data-verdict="B" x="0.00" width="100.00"' in page
    assert plain(page).count("yours 0 ") == 1


def test_reveal_without_a_board_says_so(voted: Battle, client: Client) -> None:
    page = plain(page_of(voted, client))
    assert "The leaderboard has too few votes to compare them yet." in page


def test_reveal_leaves_out_what_is_not_known(voted: Battle, client: Client) -> None:
    Contestant.objects.update(
        organisation="not known", licence="not known", parameters=None, output_price=None
    )
    Answer.objects.update(first_token_s=None, total_s=None, tokens_per_second=None)
    page = plain(page_of(voted, client))
    assert "not known" not in page
    assert "not measured" not in page
    for row in (
        "Organisation",
        "Licence",
        "Size",
        "Price",
        "Energy",
        "Time to first token",
        "Speed",
    ):
        assert row not in page


def test_reveal_tells_size_price_and_speed(voted: Battle, client: Client) -> None:
    Contestant.objects.update(
        parameters=46_700_000_000, active_parameters=12_900_000_000, output_price="0.6"
    )
    Answer.objects.update(tokens_per_second=31.4)
    page = plain(page_of(voted, client))
    assert page.count("46.7B parameters, 12.9B active") == 2
    assert page.count("$0.60 per million tokens written") == 2
    assert page.count("31 tokens/s") == 2
    assert page.count("0.5 s for 3 tokens") == 2


def test_reveal_tells_the_energy_of_open_models_as_an_estimate(
    voted: Battle, client: Client
) -> None:
    Contestant.objects.update(access="OPEN_WEIGHTS", parameters=236 * 10**9, active_parameters=None)
    Contestant.objects.filter(pk=voted.contestant_a_id).update(parameters=8_030_000_000)
    page = plain(page_of(voted, client))
    assert "0.089 Wh (0.063 to 0.15) and 0.049 gCO2e (0.034 to 0.089) per 1,000 tokens" in page
    said = "By the formula of EcoLogits 0.9.3, for a data centre GPU; not measured here."
    assert page.count(said) == 2
    assert page.count("Extrapolated: the formula was fitted to smaller models.") == 1
    Contestant.objects.update(access="PROPRIETARY")
    assert "Energy" not in plain(page_of(voted, client))


def test_energy_is_not_told_before_the_vote(battle: Battle, client: Client) -> None:
    Contestant.objects.update(access="OPEN_WEIGHTS", parameters=8_030_000_000)
    answer_all(battle)
    page = plain(page_of(battle, client))
    assert "Energy" not in page
    assert "Wh" not in page.split()


def test_speed_over_turns_is_that_of_all_their_tokens(voted: Battle) -> None:
    """100 tokens at 100 a second and 100 at 25 take 5 seconds: 40 a second, not 62.5."""
    speeds = iter((100.0, 25.0))
    turn = factories.turn(
        voted, "More?", {a.revision: "Yes." for a in Answer.objects.filter(turn__battle=voted)}, 2
    )
    for answer in Answer.objects.filter(side="A", turn__in=[turn, voted.turns.get(number=1)]):
        answer.completion_tokens, answer.tokens_per_second = 100, next(speeds)
        answer.save()
    a, b = BattleView(voted).unmasked
    assert a.tokens_per_second == pytest.approx(40.0)
    assert b.tokens_per_second is None


def test_reveal_has_a_box_for_the_next_prompt(voted: Battle, client: Client) -> None:
    page = page_of(voted, client)
    box = page[page.index("data-next") :]
    assert '<form class="composer" method="post" action="/battles/"' in box
    assert "Same prompt, other models" in box
    assert box.count('<textarea id="prompt"') == 1


def test_nothing_of_the_crowd_is_told_before_the_vote(battle: Battle, client: Client) -> None:
    vote_again(battle, "A")
    answer_all(battle)
    assert BattleView(battle).crowd is None
    assert "crowd-title" not in page_of(battle, client)
