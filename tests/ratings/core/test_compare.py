import numpy as np
import pytest
from scipy.stats import norm

from ratings.core import NotEnoughDataError, RatingsError, Tallies, bradley_terry
from ratings.core.questions.compare import compare, simultaneous_gaps
from tests.ratings.core.shapes import simulate


def test_compare_two_models_by_hand() -> None:
    result = compare(bradley_terry(Tallies.from_counts([[0, 1]], [[60, 40, 0, 0]], 2)), 0, 1)
    assert result.probability == pytest.approx(0.6)
    odds_error = 1.959963984540054 / np.sqrt(100 * 0.6 * 0.4)
    assert result.upper == pytest.approx(1 / (1 + 4 / 6 * np.exp(-odds_error)))
    assert result.lower == pytest.approx(1 / (1 + 4 / 6 * np.exp(odds_error)))
    assert result.gap == pytest.approx(400 * np.log10(1.5))
    assert result.separated


def test_compare_is_antisymmetric() -> None:
    ratings = bradley_terry(simulate(3000, 5, seed=1).tallies())
    there, back = compare(ratings, 1, 3), compare(ratings, 3, 1)
    assert there.gap == pytest.approx(-back.gap)
    assert there.lower == pytest.approx(1 - back.upper)


def test_compare_rao_kupper_leaves_ties_out() -> None:
    # Two models: the fitted win probabilities are the observed shares.
    tallies = Tallies.from_counts([[0, 1]], [[50, 30, 20, 0]], 2)
    result = compare(bradley_terry(tallies, ties="rao-kupper"), 0, 1)
    assert result.probability == pytest.approx(50 / 80)


def test_compare_davidson_leaves_ties_out() -> None:
    tallies = Tallies.from_counts([[0, 1]], [[50, 30, 20, 0]], 2)
    assert compare(bradley_terry(tallies, ties="davidson"), 0, 1).probability == pytest.approx(
        5 / 8
    )


def test_compare_unrated_model_is_not_enough_data() -> None:
    ratings = bradley_terry(Tallies.from_counts([[0, 1]], [[1, 1, 0, 0]], 3))
    with pytest.raises(NotEnoughDataError, match="Model 2 is not rated"):
        compare(ratings, 0, 2)


@pytest.mark.parametrize(("a", "b"), [(0, 0), (0, 9), (-1, 0)])
def test_compare_bad_index_is_refused(a: int, b: int) -> None:
    ratings = bradley_terry(Tallies.from_counts([[0, 1]], [[1, 1, 0, 0]], 2))
    with pytest.raises(RatingsError):
        compare(ratings, a, b)


def test_simultaneous_gaps_are_wider_than_single_ones() -> None:
    ratings = bradley_terry(simulate(5000, 8, seed=2).tallies())
    every = simultaneous_gaps(ratings)
    single = compare(ratings, 2, 5)
    assert every.lower[2, 5] < single.gap_lower
    assert every.upper[2, 5] > single.gap_upper
    np.testing.assert_allclose(every.gap, -every.gap.T)
    assert ((every.lower > 0).sum(axis=0) + 1 == ratings.rank_low).all()


def test_simultaneous_gaps_margin_is_between_single_and_bonferroni() -> None:
    ratings = bradley_terry(simulate(5000, 8, seed=2).tallies())
    every, single = simultaneous_gaps(ratings), compare(ratings, 2, 5)
    ratio = (every.upper[2, 5] - every.gap[2, 5]) / (single.gap_upper - single.gap)
    bonferroni = norm.ppf(1 - 0.025 / 28) / norm.ppf(0.975)
    assert 1.3 < ratio < bonferroni


def test_simultaneous_gaps_unrated_is_nan() -> None:
    every = simultaneous_gaps(bradley_terry(Tallies.from_counts([[0, 1]], [[2, 1, 0, 0]], 3)))
    assert np.isnan(every.lower[2]).all()
    assert np.isfinite(every.lower[0, 1])
