"""A policy means the same in a prepared campaign: it draws the pair, of those that are left."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import pytest

from arena.battles import skipping
from arena.campaigns import taking_part
from arena.errors import Refused
from arena.matchmaking import changing, own_share
from arena.matchmaking.answered import Answered
from arena.matchmaking.policies import Rules
from arena.models import (
    Battle,
    Campaign,
    Contestant,
    Pairing,
    PairWeights,
    PreparedAnswer,
    Prompt,
    Voter,
)
from arena.votes import casting
from tests import factories

pytestmark = pytest.mark.django_db
NAMES = ("Ash", "Birch", "Cedar")
Pair = frozenset[str]


@pytest.fixture
def campaign() -> Campaign:
    """Two prompts that all three have answered, and a third that Ash and Birch have."""
    found = Campaign.objects.create(slug="ready", name="Ready", kind="PREPARED", shared_percent=0)
    prompts = [Prompt.objects.create(campaign=found, key=k, text=f"{k}?") for k in "abc"]
    for name in NAMES:
        revision = factories.revision(factories.contestant(name), number=0)
        for prompt in prompts[: 2 if name == "Cedar" else 3]:
            PreparedAnswer.objects.create(
                prompt=prompt, revision=revision, state="DONE", text="An answer."
            )
    return found


def key(name: str) -> int:
    return Contestant.objects.get(name=name).pk


def names(battle: Battle) -> Pair:
    return frozenset((battle.contestant_a.name, battle.contestant_b.name))


def begun(campaign: Campaign) -> Battle:
    return taking_part.begin(campaign, Voter.objects.create())


def odds(campaign: Campaign, battles: int = 40) -> dict[Pair, float]:
    drawn = [begun(campaign) for _ in range(battles)]
    return {names(battle): battle.selection_probability for battle in drawn}


def pairs(*probabilities: float) -> dict[Pair, Any]:
    named = zip(map(frozenset, combinations(NAMES, 2)), probabilities, strict=True)
    return {pair: pytest.approx(value) for pair, value in named if value}


def change(campaign: Campaign, rules: Rules) -> str:
    return changing.change(campaign, rules, "To test it.").label


def test_prepared_campaign_begins_with_even_draws_and_names_their_policy(
    campaign: Campaign,
) -> None:
    assert odds(campaign) == pairs(1 / 3, 1 / 3, 1 / 3)
    assert {battle.policy for battle in Battle.objects.all()} == {"uniform-1"}
    assert [each.label for each in changing.history(campaign)] == ["uniform-1"]


def test_factors_boost_exclusions_and_floor_hold(campaign: Campaign) -> None:
    ash, birch, cedar = map(key, NAMES)
    excluded = frozenset({frozenset({ash, birch})})
    label = change(campaign, Rules("uniform", weights={cedar: 3.0}, excluded=excluded))
    assert odds(campaign) == pairs(0, 1 / 2, 1 / 2)
    assert Battle.objects.latest("pk").policy == label == "uniform-2"
    change(campaign, Rules("uniform", weights={cedar: 3.0}, floor=0.1))
    assert odds(campaign) == pairs(1 / 7, 3 / 7, 3 / 7)
    change(campaign, Rules("uniform", weights={cedar: 3.0}, floor=0.9))
    assert odds(campaign) == pairs(0.3, 0.35, 0.35)
    PairWeights.objects.create(
        campaign=campaign, contestants=[ash, birch, cedar], votes=[9, 9, 2], weights=b"\0" * 6
    )
    change(campaign, Rules("uniform", boost=2, boost_until=9, floor=0.1))
    assert odds(campaign) == pairs(1 / 5, 2 / 5, 2 / 5)


def test_active_follows_the_ratings(campaign: Campaign) -> None:
    change(campaign, Rules("active", floor=0.01))
    weights = bytes.fromhex("003c00380034")  # 1, 1/2 and 1/4 in half precision
    PairWeights.objects.create(campaign=campaign, contestants=[*map(key, NAMES)], weights=weights)
    assert odds(campaign, 60) == pairs(4 / 7, 2 / 7, 1 / 7)
    assert Battle.objects.latest("pk").policy == "active-2"


def test_policy_draws_among_what_the_voter_has_not_judged(campaign: Campaign, voter: Voter) -> None:
    ash, cedar = key("Ash"), key("Cedar")
    excluded = frozenset({frozenset({ash, cedar})})
    change(campaign, Rules("uniform", weights={ash: 3.0}, excluded=excluded, floor=0.1))
    met: list[Pair] = []
    while not own_share.share(campaign, voter).is_complete:
        battle = taking_part.begin(campaign, voter)
        left = {Pair(("Ash", "Birch")): 3.0, Pair(("Birch", "Cedar")): 1.0}
        for pair, often in Counter(met).items():
            if often == (3 if "Ash" in pair else 2):
                del left[pair]
        assert battle.selection_probability == left[names(battle)] / sum(left.values())
        met.append(names(battle))
        casting.cast(battle, voter, "A")
    assert Counter(met) == {Pair(("Ash", "Birch")): 3, Pair(("Birch", "Cedar")): 2}
    pairings = Pairing.objects.filter(judgements__battle__voter=voter)
    assert pairings.distinct().count() == 5  # no pair of answers twice
    with pytest.raises(Refused, match="You have judged every pair"):
        taking_part.begin(campaign, voter)


def test_share_counts_what_was_judged_before_its_pair_was_excluded(
    campaign: Campaign, voter: Voter
) -> None:
    battle = taking_part.begin(campaign, voter)
    casting.cast(battle, voter, "A")
    skipping.skip(taking_part.begin(campaign, voter))
    gone = frozenset({frozenset({battle.contestant_a_id, battle.contestant_b_id})})
    change(campaign, Rules("uniform", excluded=gone))
    of_gone = Answered.of(campaign).pairs([*map(key, sorted(names(battle)))])
    share = own_share.share(campaign, voter)
    assert (share.judged, share.skipped) == (1, 1)
    skipped = Battle.objects.get(voter=voter, state=Battle.State.SKIPPED)
    is_of_others = names(skipped) != names(battle)
    assert share.pairs == 2 + (7 - of_gone.sum() - is_of_others)


def test_repeated_pair_keeps_its_policy_and_ends_when_excluded(campaign: Campaign) -> None:
    Campaign.objects.update(shared_percent=100, judgements_per_pair=4)
    campaign.refresh_from_db()
    first = begun(campaign)
    change(campaign, Rules("uniform", weights={key("Ash"): 2.0}))
    again = begun(campaign)
    assert again.judgement.pairing == first.judgement.pairing
    assert (again.policy, again.selection_probability) == ("uniform-1/again", 1 / 3)
    assert begun(campaign).policy == "uniform-1/again"
    gone = frozenset({frozenset({first.contestant_a_id, first.contestant_b_id})})
    change(campaign, Rules("uniform", excluded=gone))
    other = begun(campaign)
    assert other.policy == "uniform-3"
    assert names(other) != names(first)


def test_nothing_to_judge_is_told_from_all_judged(campaign: Campaign, voter: Voter) -> None:
    every = frozenset(frozenset((key(a), key(b))) for a, b in combinations(NAMES, 2))
    change(campaign, Rules(excluded=every))
    with pytest.raises(Refused, match="still being prepared"):
        taking_part.begin(campaign, voter)
    empty = Campaign.objects.create(slug="empty", name="Empty", kind="PREPARED")
    with pytest.raises(Refused, match="still being prepared"):
        taking_part.begin(empty, voter)
    assert not own_share.share(empty, voter).is_complete
