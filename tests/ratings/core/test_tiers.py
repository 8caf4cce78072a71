"""Tiers: which models share one, and what may be claimed of them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.core import Tallies, bradley_terry
from ratings.core.questions.compare import simultaneous_gaps
from ratings.core.uncertainty.ranks import critical_value
from ratings.core.uncertainty.tiers import tiers_beyond
from tests.ratings.core.shapes import Array, simulate


def tiers(scores: list[float], deviations: list[float], critical: float = 2.0) -> list[int]:
    """Of independent scores."""
    return [*tiers_beyond(np.array(scores), np.diag(np.square(deviations)), critical)]


def test_models_join_while_the_anchor_is_within_the_margin() -> None:
    # Each gap has a standard deviation of 5 (3, 4, 5), so a margin of 10.
    assert tiers([100, 90, 89.9, 80, 79.8], [3, 4, 4, 4, 4]) == [1, 1, 2, 2, 2]


def test_anchor_does_not_move_along_a_chain_of_small_steps() -> None:
    # Margin 2 x sqrt(2) = 2.83: no model is separated from its neighbour 2 points away.
    assert tiers([10, 8, 6, 4, 2, 0], [1] * 6) == [1, 1, 2, 2, 3, 3]


def test_order_of_the_board_counts_not_that_of_the_models() -> None:
    assert tiers([4, 10, 0, 8, 2, 6], [1] * 6) == [2, 1, 3, 1, 3, 2]


def test_uncertain_model_below_the_end_of_a_tier_does_not_return_to_it() -> None:
    # The third is not separated from the first, but below one that is.
    assert tiers([10, 5, 4], [0.5, 0.5, 50]) == [1, 2, 2]


def test_correlated_scores_are_separated_by_the_variance_of_their_gap() -> None:
    scores, covariance = np.array([3.0, 0.0]), np.array([[4.0, 3.5], [3.5, 4.0]])  # variance 1
    assert tiers_beyond(scores, covariance, 2.9).tolist() == [1, 2]
    assert tiers_beyond(scores, covariance, 3.1).tolist() == [1, 1]


def test_last_tier_takes_all_that_are_left() -> None:
    assert tiers([float(-i) for i in range(12)], [0.01] * 12) == [*range(1, 9), 8, 8, 8, 8]


def test_no_models_have_no_tiers() -> None:
    assert tiers([], []) == []


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=12, unique=True),
    st.integers(0, 2**32 - 1),
    st.floats(0.5, 4.0),
)
def test_permuted_models_have_the_same_tiers(scores: list[int], seed: int, critical: float) -> None:
    n, rng = len(scores), np.random.default_rng(seed)
    root = rng.normal(size=(n, n)) * 5
    covariance, order = root @ root.T, rng.permutation(n)
    there = tiers_beyond(np.array(scores, float), covariance, critical)
    back = tiers_beyond(np.array(scores, float)[order], covariance[np.ix_(order, order)], critical)
    assert (there[order] == back).all()
    by_score = there[np.argsort(-np.array(scores))]
    assert by_score[0] == 1
    assert (np.diff(by_score) >= 0).all()
    assert (np.diff(by_score) <= 1).all()


def test_tiers_agree_with_the_simultaneous_gaps() -> None:
    ratings = bradley_terry(simulate(3_000, 12, seed=3).tallies())
    tier, order, lower = ratings.tier, ratings.order, simultaneous_gaps(ratings).lower
    anchors = anchors_of(tier, order)
    assert 3 <= len(anchors) < 8
    for above, below in pairwise(anchors):
        assert lower[above, below] > 0
    for model in order:
        assert not lower[anchors[tier[model] - 1], model] > 0


def test_anchored_board_and_unrated_models() -> None:
    tallies = Tallies.from_counts([[0, 1]], [[90, 10, 0, 0]], 3)
    assert bradley_terry(tallies).tier.tolist() == [1, 2, 0]


def anchors_of(tier: Array, order: Array) -> list[int]:
    """The best model of each tier."""
    return [int(order[tier[order] == k][0]) for k in range(1, tier.max() + 1)]


@pytest.mark.parametrize("spread", [0.0, 0.5, 3.0])
def test_first_models_of_tiers_are_truly_in_order_19_times_in_20(spread: float) -> None:
    """Also where all are equal (spread 0), when more than one tier is an error."""
    rng, n = np.random.default_rng(7), 15
    root = rng.normal(size=(n, n))
    covariance = root @ root.T / n
    critical = critical_value(covariance, 0.95, 4000, 1)
    truth = spread * rng.normal(size=n)
    held, found = [], []
    for _ in range(2000):
        scores = truth + root @ rng.normal(size=n) / np.sqrt(n)
        tier = tiers_beyond(scores, covariance, critical)
        found.append(tier.max())
        anchors = anchors_of(tier, np.argsort(-scores))
        held.append((np.diff(truth[anchors]) < 0).all())
    assert np.mean(held) >= 0.94  # 0.95 less two standard errors
    assert spread < 3 or np.mean(found) > 2
