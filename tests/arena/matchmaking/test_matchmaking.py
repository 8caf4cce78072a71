"""Which pairs are drawn, and whether the recorded selection probabilities are right."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from arena.battles import turns
from arena.matchmaking import live_pairs
from arena.matchmaking.odds import packed
from arena.models import Campaign, Contestant, PairWeights, Voter

DRAWS = 1500


@pytest.fixture(autouse=True)
def served_throughout(in_service: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fix the candidates: so many draws may take longer than a heartbeat lasts."""
    candidates = live_pairs.able()
    monkeypatch.setattr(live_pairs, "able", lambda *_: candidates)


def names(campaign: Campaign, draws: int) -> Counter[tuple[str, str]]:
    drawn = [live_pairs.draw_pair(campaign) for _ in range(draws)]
    return Counter((draw.a.contestant.name, draw.b.contestant.name) for draw in drawn)


def write(campaign: Campaign, contestants: list[Contestant], *weights: float) -> None:
    keys = [contestant.pk for contestant in contestants]
    known = keys if len(weights) > 1 else keys[:2]
    PairWeights.objects.create(
        campaign=campaign, contestants=known, weights=packed(np.array(weights))
    )


def test_without_ratings_every_pair_and_side_is_as_likely() -> None:
    drawn = names(Campaign.live(), DRAWS)
    assert len(drawn) == 6
    assert min(drawn.values()) > DRAWS / 6 * 0.7
    assert live_pairs.draw_pair(Campaign.live()).probability == pytest.approx(1 / 3)


def test_pairs_are_drawn_as_often_as_is_recorded(contestants: list[Contestant]) -> None:
    campaign = Campaign.live()
    write(campaign, contestants, 0.6, 0.3, 0.1)
    drawn = [live_pairs.draw_pair(campaign) for _ in range(DRAWS)]
    seen = Counter(frozenset((d.a.contestant_id, d.b.contestant_id)) for d in drawn)
    told = {frozenset((d.a.contestant_id, d.b.contestant_id)): d.probability for d in drawn}
    assert sum(told.values()) == pytest.approx(1.0)
    for pair, probability in told.items():
        assert seen[pair] / DRAWS == pytest.approx(probability, abs=0.06)
    assert sorted(told.values()) == pytest.approx([0.1, 0.3, 0.6], rel=2e-3)


def test_pair_nobody_has_rated_counts_as_the_one_that_tells_most(
    contestants: list[Contestant],
) -> None:
    campaign = Campaign.live()
    write(campaign, contestants, 0.1)
    assert live_pairs.draw_pair(campaign).probability == pytest.approx(1 / 3)
    PairWeights.objects.all().delete()
    PairWeights.objects.create(
        campaign=campaign, contestants=[-2, -1], weights=packed(np.array([0.2]))
    )  # of contestants that are gone
    assert live_pairs.draw_pair(campaign).probability == pytest.approx(1 / 3)


def test_battle_keeps_how_likely_its_pair_was(contestants: list[Contestant], voter: Voter) -> None:
    write(Campaign.live(), contestants, 0.6, 0.3, 0.1)
    battle = turns.begin(voter, "Hello")
    one, two, three = (contestant.pk for contestant in contestants)
    expected = {(one, two): 0.6, (one, three): 0.3, (two, three): 0.1}
    low, high = sorted((battle.contestant_a_id, battle.contestant_b_id))
    assert battle.selection_probability == pytest.approx(expected[low, high], rel=2e-3)
    assert battle.policy == "active-1"
