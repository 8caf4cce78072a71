from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, chisquare

from ratings.core import BadVotesError, NotEnoughDataError, RatingsError, Tallies, bradley_terry
from ratings.core.questions.agreement import krippendorff_alpha, oriented, verdict_shares
from ratings.core.questions.calibration import calibration
from ratings.core.questions.win_rates import expected_win_rate
from tests.ratings.core.shapes import simulate

# Krippendorff's own example: 12 units, 4 observers, values 1-5, some missing (here: None).
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


@pytest.mark.parametrize(
    ("distance", "expected"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_krippendorff_alpha_published_example(distance: Any, expected: float) -> None:
    judged = [(unit, v - 1) for row in OBSERVERS for unit, v in enumerate(row) if v is not None]
    item, value = np.array(judged).T
    result = krippendorff_alpha(item, value, distance=distance)
    assert result.alpha == pytest.approx(expected, abs=5e-4)
    assert result.lower < result.alpha < result.upper
    assert (result.items, result.judgements) == (11, 40)


def test_krippendorff_alpha_of_agreement_is_one() -> None:
    assert krippendorff_alpha([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2]).alpha == 1.0


def test_krippendorff_alpha_of_chance_is_zero() -> None:
    rng = np.random.default_rng(0)
    result = krippendorff_alpha(np.repeat(np.arange(3000), 3), rng.integers(0, 3, 9000))
    assert result.lower < 0 < result.upper
    assert abs(result.alpha) < 0.03


def test_krippendorff_alpha_of_one_value_is_not_defined() -> None:
    assert np.isnan(krippendorff_alpha([0, 0, 1, 1], [2, 2, 2, 2]).alpha)


def test_krippendorff_alpha_counts_a_voter_once_per_item() -> None:
    item, value, voter = [0, 0, 0, 1, 1], [1, 1, 0, 0, 0], [7, 7, 8, 7, 8]
    once = krippendorff_alpha([0, 0, 1, 1], [1, 0, 0, 0])
    assert krippendorff_alpha(item, value, voter=voter).alpha == pytest.approx(once.alpha)
    assert krippendorff_alpha(item, value, voter=voter).judgements == 4


def test_krippendorff_alpha_without_duplicates_is_not_enough_data() -> None:
    with pytest.raises(NotEnoughDataError, match="judged by two"):
        krippendorff_alpha([0, 1, 2], [0, 1, 2])


def test_krippendorff_alpha_bad_input_is_refused() -> None:
    ratio: Any = "ratio"
    with pytest.raises(RatingsError, match="distance"):
        krippendorff_alpha([0, 0], [0, 1], distance=ratio)
    with pytest.raises(BadVotesError, match="Row 1: 'value' -1"):
        krippendorff_alpha([0, 0], [0, -1])


def test_oriented_is_the_same_from_both_sides() -> None:
    there = oriented([0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 2, 3])
    back = oriented([1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 2, 3])
    assert there.tolist() == back.tolist() == [2, 0, 1, 1]


def test_verdict_shares_by_hand() -> None:
    shares = verdict_shares([0] * 30 + [1] * 20 + [2] * 40 + [3] * 10)
    assert (shares.ties, shares.both_bad, shares.left) == (0.4, 0.1, 0.6)
    assert (shares.decided, shares.votes) == (50, 100)
    # Wilson's interval for 30 of 50.
    assert shares.left_lower == pytest.approx(0.4618, abs=1e-4)
    assert shares.left_upper == pytest.approx(0.7239, abs=1e-4)


def test_verdict_shares_without_decided_votes_has_no_left_share() -> None:
    assert np.isnan(verdict_shares([2, 2, 3]).left)


def test_verdict_shares_unknown_verdict_is_named() -> None:
    with pytest.raises(BadVotesError, match="Row 2: 'verdict' 9"):
        verdict_shares([0, 1, 9])


def test_calibration_of_votes_that_follow_the_model_is_good() -> None:
    tallies = simulate(100_000, 20, seed=1, ties=0.0).tallies()
    result = calibration(tallies, bradley_terry(tallies))
    assert result.votes.sum() == 100_000
    assert result.error < 0.01
    assert ((result.lower < result.expected) & (result.expected < result.upper)).mean() >= 0.8


def test_calibration_of_votes_that_do_not_follow_the_model_is_poor() -> None:
    # A beats B, B beats C, C beats A: all scores are equal, though no pair is a coin toss.
    counts = [[80, 20, 0, 0], [80, 20, 0, 0], [20, 80, 0, 0]]
    tallies = Tallies.from_counts([[0, 1], [1, 2], [0, 2]], counts, 3)
    known = bradley_terry(Tallies.from_counts([[0, 1], [1, 2]], counts[:2], 3))
    assert calibration(tallies, known).error > 0.2


@pytest.mark.parametrize("ties", [0.0, 0.3])
def test_only_chance_keeps_pairs_apart_where_votes_follow_the_model(ties: float) -> None:
    found = []
    for seed in range(20):
        tallies = simulate(20_000, 40, seed=seed, ties=ties).tallies()
        found.append(calibration(tallies, bradley_terry(tallies)))
    assert np.mean([each.misfit for each in found]) == pytest.approx(1.0, abs=0.03)
    # 39 of 780 degrees of freedom went into the scores.
    by_chance = np.mean([each.chance for each in found]) * (741 / 780) ** 0.5
    assert np.mean([each.by_pair for each in found]) == pytest.approx(by_chance, rel=0.02)
    assert all(each.error < each.by_pair / 2 for each in found)


def test_errors_of_pairs_show_where_those_of_groups_cancel_out() -> None:
    # Every pair is a coin toss by the scores; in half of them one wins four of five.
    pairs = [[0, 1], [1, 2], [0, 2], [3, 4], [4, 5], [3, 5], [0, 3], [1, 4], [2, 5]]
    cycle, toss = [[80, 20, 0, 0], [80, 20, 0, 0], [20, 80, 0, 0]], [[50, 50, 0, 0]] * 3
    tallies = Tallies.from_counts(pairs, cycle + cycle + toss, 6)
    result = calibration(tallies, bradley_terry(tallies))
    assert result.by_pair == pytest.approx(0.2)
    assert result.misfit > 30
    assert result.chance < 0.05


def test_misfit_is_chi_square_per_degree_of_freedom() -> None:
    tallies = simulate(2_000, 12, seed=3, ties=0.0).tallies()
    ratings = bradley_terry(tallies)
    first, second = tallies.pairs.T
    expected = expected_win_rate(ratings.scores[first], ratings.scores[second])
    votes, won = tallies.counts.sum(axis=1), tallies.counts[:, 0]
    observed = np.stack([won, votes - won])
    statistic = chisquare(observed, votes * np.stack([expected, 1 - expected]), ddof=0).statistic
    within = (won * (votes - won) / votes / (expected * (1 - expected))).sum()
    dispersion = within / (votes - 1).sum()
    freedom = len(votes) - 11
    misfit = calibration(tallies, ratings).misfit
    assert misfit == pytest.approx(statistic.sum() / freedom / dispersion)


def test_chance_is_the_mean_deviation_of_a_binomial_share() -> None:
    tallies = Tallies.from_counts([[0, 1], [1, 2]], [[5, 2, 0, 0], [9, 4, 0, 0]], 3)
    exact = [
        sum(abs(k / n - p) * binom.pmf(k, n, p) for k in range(n + 1))
        for n, p in ((7, 5 / 7), (13, 9 / 13))
    ]
    result = calibration(tallies, bradley_terry(tallies))
    within = (7 + 13) / 18  # n - 1 of n in each pair, which the scores fit exactly
    assert result.chance == pytest.approx(np.average(exact, weights=[7, 13]) * within**0.5)
    assert result.by_pair == pytest.approx(0, abs=1e-9)
    assert np.isnan(result.misfit)


def test_single_votes_tell_nothing_of_chance() -> None:
    tallies = Tallies.from_counts(
        [[0, 1], [1, 2], [0, 2]], [[1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]], 3
    )
    result = calibration(tallies, bradley_terry(tallies))
    assert np.isnan(result.chance)
    assert np.isnan(result.misfit)


def test_calibration_looks_from_the_favourite() -> None:
    tallies = Tallies.from_counts([[0, 1]], [[2, 8, 0, 0]], 2)
    result = calibration(tallies, bradley_terry(tallies))
    np.testing.assert_allclose([result.expected, result.observed], 0.8)


def test_calibration_without_rated_pairs_is_not_enough_data() -> None:
    tallies = Tallies.from_votes([0], [1], [0], 2)
    with pytest.raises(NotEnoughDataError):
        calibration(tallies, bradley_terry(tallies))
