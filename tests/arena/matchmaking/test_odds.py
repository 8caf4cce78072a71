from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from arena.matchmaking.odds import Odds, informed, packed
from arena.matchmaking.policies import Rules, pair_weights
from arena.matchmaking.strategies import Facts

KNOWN = [10, 20, 30, 40]
WEIGHTS = np.array([6.0, 1.0, 2.0, 3.0, 4.0, 5.0])  # 10-20, 10-30, 10-40, 20-30, ...


def prepared(known: Sequence[int], weights: bytes, playing: Sequence[int]) -> Odds:
    """By the policy with which every campaign begins."""
    facts = Facts(playing, np.zeros(len(playing)), informed(known, weights, playing))
    return Odds.of(len(playing), pair_weights(facts, Rules()))


def chances(odds: Odds) -> dict[tuple[int, int], float]:
    """The probability of every pair, found by drawing in the middle of its part of the cumulative
    sums."""
    ends = odds.sums / odds.sums[-1]
    starts = np.concatenate([[0.0], ends[:-1]])
    drawn = [odds.draw(float(middle)) for middle in (starts + ends) / 2]
    return {(first, second): chance for first, second, chance in drawn}


@pytest.mark.parametrize("number", [2, 3, 4, 7, 60])
def test_every_pair_is_drawn_with_its_weight(number: int) -> None:
    pairs = list(combinations(range(number), 2))
    weights = np.arange(1.0, len(pairs) + 1)
    found = chances(prepared([], b"", range(number)))
    assert found == pytest.approx(dict.fromkeys(pairs, 1 / len(pairs)))
    found = chances(prepared(range(number), packed(weights), range(number)))
    expected = dict(zip(pairs, weights / weights.sum(), strict=True))
    assert found == pytest.approx(expected, rel=2e-3)


def test_only_those_who_play_count() -> None:
    found = chances(prepared(KNOWN, packed(WEIGHTS), [40, 20]))
    assert found == {(0, 1): 1.0}
    found = chances(prepared(KNOWN, packed(WEIGHTS), [40, 10, 20]))  # in any order
    total = 2.0 + 4.0 + 6.0
    expected = {(0, 1): 2.0 / total, (0, 2): 4.0 / total, (1, 2): 6.0 / total}
    assert found == pytest.approx(expected, rel=2e-3)


def test_pair_that_is_not_known_counts_as_the_most_telling_of_those_who_play() -> None:
    found = chances(prepared(KNOWN, packed(WEIGHTS), [10, 30, 99, 98]))
    assert found == pytest.approx(dict.fromkeys(combinations(range(4), 2), 1 / 6), rel=2e-3)


@pytest.mark.parametrize("chance", [0.0, 1.0 - 2**-53, 1.0])
def test_ends_of_chance_are_pairs(chance: float) -> None:
    first, second, probability = prepared(KNOWN, packed(WEIGHTS), KNOWN).draw(chance)
    assert (first, second) == ((0, 1) if chance == 0 else (2, 3))
    assert probability > 0
