from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.core import Anchor, RatingsError, Status, Tallies, bradley_terry
from ratings.core.data.scale import POINTS_PER_NAT
from tests.ratings.core.shapes import simulate, tallies

QUICK = settings(max_examples=40, deadline=None)


def test_bradley_terry_golden_strengths() -> None:
    # A textbook example: A>B 2, B>A 3, A>D 1, D>A 4, B>C 5, C>B 3, C>D 1, D>C 3.
    counts = [[2, 3, 0, 0], [1, 4, 0, 0], [5, 3, 0, 0], [1, 3, 0, 0]]
    result = bradley_terry(Tallies.from_counts([[0, 1], [0, 3], [1, 2], [2, 3]], counts, 4))
    strengths = np.exp((result.scores - result.scores.mean()) / POINTS_PER_NAT)
    np.testing.assert_allclose(strengths, [0.640, 1.043, 0.660, 2.270], rtol=1e-3)


def test_bradley_terry_two_models_by_hand() -> None:
    # 12 of 16 votes, ties as half wins: odds of 3, whose log10 times 400 is the gap.
    result = bradley_terry(Tallies.from_counts([[0, 1]], [[10, 2, 3, 1]], 2))
    assert result.scores[0] - result.scores[1] == pytest.approx(400 * np.log10(3), abs=1e-9)
    assert result.scores.mean() == pytest.approx(1000)
    # Sandwich by hand: sum of squared residuals over the squared information.
    p = 0.75
    scatter = 10 * (1 - p) ** 2 + 2 * p**2 + 4 * (0.5 - p) ** 2
    variance = scatter / (16 * p * (1 - p)) ** 2 * POINTS_PER_NAT**2
    margin = 1.959963984540054 * np.sqrt(variance) / 2  # half the gap is each model's error
    np.testing.assert_allclose(result.upper - result.scores, [margin, margin], rtol=1e-9)


def test_bradley_terry_model_covariance_by_hand() -> None:
    result = bradley_terry(Tallies.from_counts([[0, 1]], [[10, 6, 0, 0]], 2), covariance="model")
    p = 10 / 16
    gap_variance = POINTS_PER_NAT**2 / (16 * p * (1 - p))
    gap = result.covariance[0, 0] + result.covariance[1, 1] - 2 * result.covariance[0, 1]
    assert gap == pytest.approx(gap_variance)


def test_bradley_terry_gradient_is_zero_at_the_optimum() -> None:
    votes = simulate(20_000, 30, seed=1)
    tallies = votes.tallies()
    result = bradley_terry(tallies)
    first, second = tallies.pairs.T
    gap = (result.scores[first] - result.scores[second]) / 400
    expected = tallies.counts.sum(axis=1) / (1 + 10**-gap)
    won = tallies.counts[:, 0] + 0.5 * tallies.counts[:, 2:].sum(axis=1)
    residual = np.zeros(30)
    np.add.at(residual, first, won - expected)
    np.add.at(residual, second, expected - won)
    assert np.abs(residual).max() < 1e-6


def test_bradley_terry_one_decided_vote_rates_nobody() -> None:
    result = bradley_terry(Tallies.from_votes([0], [1], [0], 3))
    assert np.isnan(result.scores).all()
    assert np.isnan(result.lower).all()
    assert np.isnan(result.upper).all()
    assert result.status.tolist() == [Status.ONLY_WINS, Status.ONLY_LOSSES, Status.NO_VOTES]
    assert result.rank_low.tolist() == result.rank_high.tolist() == [0, 0, 0]
    assert result.rank_ub.tolist() == [0, 0, 0]
    assert result.votes.tolist() == [1, 1, 0]
    np.testing.assert_array_equal(result.win_rate, [1, 0, np.nan])
    assert len(result.order) == 0


def test_bradley_terry_chain_of_wins_has_not_enough_data_in_the_middle() -> None:
    result = bradley_terry(Tallies.from_votes([0, 1], [1, 2], [0, 0], 3))
    assert result.status.tolist() == [
        Status.ONLY_WINS,
        Status.NOT_ENOUGH_DATA,
        Status.ONLY_LOSSES,
    ]
    assert np.isnan(result.scores).all()


def test_bradley_terry_single_tie_is_wide_not_certain() -> None:
    result = bradley_terry(Tallies.from_votes([0], [1], [2], 2))
    np.testing.assert_allclose(result.scores, [1000, 1000])
    assert (result.upper - result.lower > 600).all()
    assert result.rank_low.tolist() == [1, 1]
    assert result.rank_high.tolist() == [2, 2]


def test_bradley_terry_newcomer_with_one_tie_is_wide() -> None:
    votes = simulate(5000, 4, seed=2)
    a, b = np.append(votes.a, 4), np.append(votes.b, 0)
    result = bradley_terry(Tallies.from_votes(a, b, np.append(votes.verdict, 2), 5))
    assert result.status[4] == Status.RATED
    assert result.upper[4] - result.lower[4] > 1000
    assert result.upper[0] - result.lower[0] < 400


def test_bradley_terry_groups_joined_by_ties_alone_are_not_certain() -> None:
    # 0 and 1 have beaten each other, and so have 2 and 3; one tie connects the two groups.
    counts = [[30, 20, 0, 0], [0, 0, 1, 0], [25, 25, 0, 0]]
    result = bradley_terry(Tallies.from_counts([[0, 1], [1, 2], [2, 3]], counts, 4))
    deviation = np.sqrt(result.covariance[1, 1] + result.covariance[2, 2])
    assert deviation > 200
    assert result.rank_low.tolist() == [1, 1, 1, 1]
    assert result.rank_high.tolist() == [4, 4, 4, 4]


def test_bradley_terry_only_wins_gets_a_lower_bound() -> None:
    counts = [[50, 50, 0, 0], [0, 20, 0, 0], [0, 20, 0, 0]]
    result = bradley_terry(Tallies.from_counts([[0, 1], [0, 2], [1, 2]], counts, 3))
    assert result.status.tolist() == [Status.RATED, Status.RATED, Status.ONLY_WINS]
    assert np.isnan(result.scores[2])
    assert result.upper[2] == np.inf
    # Winning all 40 against equals at 1000 has probability 2.5% at the bound.
    odds = 1 / (0.025 ** (-1 / 40) - 1)
    assert result.lower[2] == pytest.approx(1000 + 400 * np.log10(odds))


def test_bradley_terry_only_losses_gets_an_upper_bound() -> None:
    counts = [[50, 50, 0, 0], [20, 0, 0, 0], [20, 0, 0, 0]]
    result = bradley_terry(Tallies.from_counts([[0, 1], [0, 2], [1, 2]], counts, 3))
    assert result.status[2] == Status.ONLY_LOSSES
    assert result.lower[2] == -np.inf
    assert result.upper[2] == pytest.approx(1000 - 400 * np.log10(1 / (0.025 ** (-1 / 40) - 1)))


def test_bradley_terry_disconnected_rates_the_larger_group() -> None:
    counts = [[5, 5, 0, 0], [50, 40, 0, 0]]
    result = bradley_terry(Tallies.from_counts([[0, 1], [2, 3]], counts, 4))
    assert result.status.tolist() == [4, 4, 0, 0]
    assert np.isnan(result.scores[:2]).all()
    assert result.scores[2] > 1000 > result.scores[3]


def test_bradley_terry_busy_unbeaten_model_does_not_hide_a_group() -> None:
    # Model 0 has the most votes but is strongly connected to nobody; 1 and 2 can be compared.
    counts = [[500, 0, 0, 0], [1, 1, 0, 0]]
    result = bradley_terry(Tallies.from_counts([[0, 1], [1, 2]], counts, 3))
    assert result.status.tolist() == [Status.ONLY_WINS, Status.RATED, Status.RATED]


def test_bradley_terry_anchor_pins_a_model() -> None:
    tallies = simulate(5000, 6, seed=3).tallies()
    free, pinned = bradley_terry(tallies), bradley_terry(tallies, anchor=Anchor(2, 1200.0))
    assert pinned.scores[2] == 1200.0
    assert pinned.upper[2] == pytest.approx(pinned.lower[2], abs=1e-4)
    np.testing.assert_allclose(np.diff(pinned.scores), np.diff(free.scores))


def test_bradley_terry_unrated_anchor_is_refused() -> None:
    with pytest.raises(RatingsError, match="cannot be the anchor"):
        bradley_terry(Tallies.from_counts([[0, 1]], [[1, 1, 0, 0]], 3), anchor=Anchor(2, 1000.0))


@pytest.mark.parametrize(
    "option",
    [
        {"ties": "x"},
        {"both_bad": "x"},
        {"covariance": "x"},
        {"level": 1.0},
        {"draws": 0},
        {"draws": -1},
    ],
)
def test_bradley_terry_unknown_option_is_refused(option: dict[str, Any]) -> None:
    with pytest.raises(RatingsError):
        bradley_terry(Tallies.from_counts([[0, 1]], [[1, 1, 0, 0]], 2), **option)


def test_bradley_terry_extreme_odds_converge() -> None:
    result = bradley_terry(Tallies.from_counts([[0, 1]], [[10**9, 1, 0, 0]], 2))
    assert result.scores[0] - result.scores[1] == pytest.approx(3600, abs=1e-3)


@QUICK
@given(tallies())
def test_bradley_terry_permuted_models_permute_the_result(tallies: Tallies) -> None:
    order = np.random.default_rng(0).permutation(tallies.n_models)
    permuted = Tallies.from_counts(order[tallies.pairs], tallies.counts, tallies.n_models)
    expected, got = bradley_terry(tallies), bradley_terry(permuted)
    np.testing.assert_allclose(got.scores[order], expected.scores, atol=1e-6)
    np.testing.assert_allclose(got.upper[order], expected.upper, atol=1e-5)


@QUICK
@given(tallies())
def test_bradley_terry_doubled_votes_halve_the_variance(tallies: Tallies) -> None:
    doubled = Tallies.from_counts(tallies.pairs, 2 * tallies.counts, tallies.n_models)
    once, twice = bradley_terry(tallies), bradley_terry(doubled)
    np.testing.assert_allclose(twice.scores, once.scores, atol=1e-6)
    np.testing.assert_allclose(twice.covariance, once.covariance / 2, rtol=1e-6, atol=1e-6)


@QUICK
@given(tallies())
def test_bradley_terry_swapped_verdicts_reverse_the_scores(tallies: Tallies) -> None:
    reversed_ = Tallies.from_counts(
        tallies.pairs, tallies.counts[:, [1, 0, 2, 3]], tallies.n_models
    )
    np.testing.assert_allclose(
        bradley_terry(reversed_).scores, 2000 - bradley_terry(tallies).scores, atol=1e-6
    )


@QUICK
@given(tallies(), st.floats(-1e4, 1e4))
def test_bradley_terry_constant_added_changes_nothing_else(
    tallies: Tallies, constant: float
) -> None:
    here = bradley_terry(tallies)
    there = bradley_terry(tallies, anchor=Anchor(score=1000 + constant))
    np.testing.assert_allclose(there.scores, here.scores + constant, atol=1e-6)
    np.testing.assert_allclose(there.covariance, here.covariance)
    np.testing.assert_array_equal(there.rank_low, here.rank_low)
    np.testing.assert_array_equal(there.rank_ub, here.rank_ub)


@QUICK
@given(tallies())
def test_bradley_terry_rank_ranges_hold_the_order(tallies: Tallies) -> None:
    result = bradley_terry(tallies)
    place = np.empty(tallies.n_models, dtype=int)
    place[result.order] = np.arange(1, tallies.n_models + 1)
    assert (result.rank_low <= place).all()
    assert (place <= result.rank_high).all()
    assert (result.rank_ub >= 1).all()


@QUICK
@given(tallies(), st.integers(0, 5))
def test_bradley_terry_anchor_does_not_move_the_ranks(tallies: Tallies, model: int) -> None:
    free = bradley_terry(tallies)
    pinned = bradley_terry(tallies, anchor=Anchor(model % tallies.n_models, 1000.0))
    np.testing.assert_array_equal(pinned.rank_ub, free.rank_ub)
    np.testing.assert_array_equal(pinned.rank_low, free.rank_low)
    np.testing.assert_array_equal(pinned.rank_high, free.rank_high)


def test_bradley_terry_result_cannot_be_written_to() -> None:
    result = bradley_terry(Tallies.from_counts([[0, 1]], [[2, 1, 0, 0]], 2))
    for array in (result.scores, result.covariance, result.votes, result.rank_ub):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 5


def test_bradley_terry_more_models_than_memory_holds_are_refused() -> None:
    with pytest.raises(RatingsError, match="200,000 models are too many"):
        bradley_terry(Tallies.from_votes([0, 1], [1, 0], [0, 0], 200_000))
