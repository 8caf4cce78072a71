"""A campaign's policy: it holds from the next battle on, and every battle names the one it had."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from arena.battles import turns
from arena.battles.answering import life
from arena.errors import Refused
from arena.generating.life import Cause, Fault
from arena.matchmaking import changing, weighing
from arena.matchmaking.policies import Rules
from arena.models import Answer, Battle, Campaign, Contestant, MatchmakingPolicy, PairWeights, Voter

pytestmark = pytest.mark.usefixtures("in_service")


def pair(*contestants: Contestant) -> frozenset[int]:
    return frozenset(each.pk for each in contestants)


def test_battle_names_the_policy_that_drew_it(contestants: list[Contestant], voter: Voter) -> None:
    campaign, (a, b, c) = Campaign.live(), contestants
    first = turns.begin(voter, "Hello")
    assert (first.policy, first.selection_probability) == ("active-1", 1 / 3)
    rules = Rules("uniform", weights={c.pk: 3.0}, excluded=frozenset({pair(a, b)}), floor=0.1)
    made = changing.change(campaign, rules, "  The two are\none model. ")
    assert (made.label, made.reason) == ("uniform-2", "The two are one model.")
    drawn = [turns.begin(Voter.objects.create(), "Hello") for _ in range(6)]
    assert {battle.policy for battle in drawn} == {"uniform-2"}
    assert {battle.selection_probability for battle in drawn} == {0.5}
    assert all(c in (battle.contestant_a, battle.contestant_b) for battle in drawn)
    assert [(each.label, each.reason) for each in changing.history(campaign)] == [
        ("uniform-2", "The two are one model."),
        ("active-1", changing.FROM_THE_START),
    ]
    first.refresh_from_db()
    assert first.policy == "active-1"


def test_boost_ends_with_the_votes_of_the_ratings(contestants: list[Contestant]) -> None:
    campaign, keys = Campaign.live(), [one.pk for one in contestants]
    changing.change(campaign, Rules("uniform", boost=6, boost_until=10, floor=0.1), "A newcomer.")
    playing = tuple(keys)
    weights = b"\0" * 6

    def odds() -> list[float]:
        sums = weighing.odds_of(campaign, playing).odds.sums
        return [float(each) for each in (sums[0], sums[1] - sums[0], sums[2] - sums[1])]

    assert odds() == pytest.approx([1 / 3] * 3)  # nobody has votes: all are new
    PairWeights.objects.create(
        campaign=campaign, contestants=keys, votes=[10, 20, 9], weights=weights
    )
    assert odds() == pytest.approx([1 / 13, 6 / 13, 6 / 13])
    PairWeights.objects.all().delete()
    PairWeights.objects.create(
        campaign=campaign, contestants=keys, votes=[10, 20, 10], weights=weights
    )
    assert odds() == pytest.approx([1 / 3] * 3)


def test_substitute_never_meets_whom_its_pair_excludes(
    contestants: list[Contestant], voter: Voter
) -> None:
    a, b, c = contestants
    excluded = frozenset({pair(a, c), pair(b, c)})
    changing.change(Campaign.live(), Rules(excluded=excluded), "Made from each other.")
    battle = turns.begin(voter, "Hello")
    assert pair(battle.contestant_a, battle.contestant_b) == pair(a, b)
    answer = Answer.objects.filter(turn__battle=battle).first()
    assert answer is not None
    life.give_up(answer, Fault("it broke", Cause.MODEL, permanent=True))
    battle.refresh_from_db()
    assert battle.state == Battle.State.VOID  # the third would be the only one left


def test_draw_without_a_pair_says_so_and_stores_nothing(
    contestants: list[Contestant], voter: Voter
) -> None:
    a, b, c = contestants
    every = frozenset({pair(a, b), pair(a, c), pair(b, c)})
    changing.change(Campaign.live(), Rules(excluded=every), "Nobody meets.")
    with pytest.raises(Refused, match="do not meet in this campaign"):
        turns.begin(voter, "Hello")
    assert not Battle.objects.exists()


def test_change_needs_a_reason_and_a_difference() -> None:
    campaign = Campaign.live()
    with pytest.raises(Refused, match="Say why"):
        changing.change(campaign, Rules("uniform"), " \n ")
    with pytest.raises(Refused, match="holds already"):
        changing.change(campaign, Rules(), "Again.")
    assert not MatchmakingPolicy.objects.exists()


def test_policy_is_frozen_and_sound() -> None:
    campaign = Campaign.live()
    made = changing.change(campaign, Rules("uniform"), "To compare.")
    made.floor = 0.5
    with pytest.raises(ValueError, match="frozen"):
        made.save()
    assert changing.current(campaign).floor == 0.2
    with pytest.raises(IntegrityError):
        MatchmakingPolicy.objects.create(campaign=campaign, number=3, floor=0, reason="none")
