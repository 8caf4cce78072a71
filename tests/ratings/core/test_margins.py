"""Two models with a margin: equivalence, non-inferiority, and many pairs at once."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import norm, ttest_ind

from ratings.core import NotEnoughDataError, RatingsError, Tallies, bradley_terry
from ratings.core.methods.kept import Kept, Uncertainty
from ratings.core.methods.ratings import Settings
from ratings.core.questions.margins import Judgement, Relation, judge
from ratings.core.questions.matchmaking import (
    votes_needed,
    votes_until_as_good,
    votes_until_not_worse,
)
from ratings.core.uncertainty.ranks import critical_value
from tests.ratings.core.shapes import Array, simulate

CRITICAL = 3.0


def kept(gap: float, deviation: float) -> Kept:
    """Two independent scores `gap` apart, with this standard error of the gap."""
    scores, spread = np.array([1000.0, 1000.0 + gap]), np.full(2, deviation / np.sqrt(2))
    z = norm.ppf(0.975)
    known = Uncertainty(CRITICAL, None, np.arange(2), np.diag(spread**2))
    return Kept(scores, scores - z * spread, scores + z * spread, known, Settings())


@pytest.mark.parametrize(
    ("gap", "deviation", "one", "among_all"),
    [  # with a margin of 20; 1.96 and 1.645 standard errors for one pair, 3 for all
        (30, 5, Relation.AHEAD_BY_MORE, Relation.AHEAD),
        (36, 5, Relation.AHEAD_BY_MORE, Relation.AHEAD_BY_MORE),
        (25, 5, Relation.AHEAD, Relation.AHEAD),
        (10, 4, Relation.AHEAD_BY_LESS, Relation.NOT_WORSE),
        (8.9, 3, Relation.AHEAD_BY_LESS, Relation.AS_GOOD),
        (9.1, 3, Relation.AHEAD_BY_LESS, Relation.AHEAD_BY_LESS),
        (0, 6, Relation.AS_GOOD, Relation.AS_GOOD),
        (5, 6, Relation.AS_GOOD, Relation.NOT_WORSE),
        (14, 10, Relation.NOT_WORSE, Relation.NOT_WORSE),
        (2, 20, Relation.UNCLEAR, Relation.UNCLEAR),
        (5, 15, Relation.NOT_WORSE, Relation.UNCLEAR),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_relation_is_the_most_that_holds(
    gap: float, deviation: float, one: Relation, among_all: Relation, swapped: bool
) -> None:
    found = judge(kept(gap, deviation), int(swapped), 1 - int(swapped), 20.0)
    assert (found.relation, found.relation_among_all) == (one, among_all)
    assert found.gap == pytest.approx(gap)
    assert gap == 0 or (found.better, found.other) == (1, 0)


def test_p_values_by_hand() -> None:
    found = judge(kept(5.0, 10.0), 1, 0, 20.0)
    assert found.better_not_worse_p == pytest.approx(norm.sf(2.5))
    assert found.other_not_worse_p == pytest.approx(norm.sf(1.5))
    assert found.as_good_p == pytest.approx(0.0668072)
    assert found.share == pytest.approx(1 / (1 + 10 ** (-20 / 400)))


def test_p_values_are_those_of_scipy_on_large_samples() -> None:
    """Two one-sided t tests of means, of so many numbers that t is the normal distribution."""
    rng = np.random.default_rng(5)
    x, y = rng.normal(0.1, 1.0, 200_000), rng.normal(0.0, 1.0, 200_000)
    gap, deviation = x.mean() - y.mean(), np.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 200_000)
    margin = gap + 1.3 * deviation
    found = judge(kept(gap, deviation), 0, 1, margin)
    upper = ttest_ind(x, y + margin, alternative="less", equal_var=False).pvalue
    lower = ttest_ind(x, y - margin, alternative="greater", equal_var=False).pvalue
    assert found.as_good_p == pytest.approx(max(lower, upper), rel=1e-4)


def test_equivalence_is_the_90_percent_interval_inside_the_margin() -> None:
    ratings = bradley_terry(simulate(20_000, 8, seed=2).tallies())
    for a in range(8):
        for b in range(a):
            gap = abs(ratings.scores[a] - ratings.scores[b])
            end = gap + norm.ppf(0.95) * np.sqrt(ratings.gap_variances([a], [b])[0, 0])
            for margin in (0.99 * end, 1.01 * end):
                found = judge(ratings, a, b, margin)
                assert (found.as_good_p < 0.05) == (margin > end)
                is_within = found.relation in (Relation.AS_GOOD, Relation.AHEAD_BY_LESS)
                assert is_within == (margin > end)


def test_no_scatter_is_certainty() -> None:
    found = judge(kept(5.0, 0.0), 1, 0, 20.0)
    assert found.relation_among_all == Relation.AHEAD_BY_LESS
    assert found.as_good_p == 0.0
    assert judge(kept(25.0, 0.0), 1, 0, 20.0).as_good_p == 1.0


def test_wrong_statements_are_as_rare_as_promised() -> None:
    """Where two differ by just the margin, they are called as good one time in 20."""
    rng = np.random.default_rng(11)
    found = [judge(kept(20 + 8 * rng.normal(), 8.0), 0, 1, 20.0) for _ in range(4000)]
    assert 0.04 < np.mean([one.as_good_p < 0.05 for one in found]) < 0.06


def is_true(found: Judgement, relation: Relation, truth: Array) -> bool:
    gap = truth[found.better] - truth[found.other]
    return bool(
        {
            Relation.AHEAD_BY_MORE: gap > found.margin,
            Relation.AHEAD_BY_LESS: 0 < gap < found.margin,
            Relation.AHEAD: gap > 0,
            Relation.AS_GOOD: abs(gap) < found.margin,
            Relation.NOT_WORSE: gap > -found.margin,
            Relation.UNCLEAR: True,
        }[relation]
    )


def test_any_wrong_statement_on_a_board_is_as_rare_as_promised() -> None:
    """Six models, in pairs that are equal or differ by just the margin: where errors are made."""
    rng, truth, n = np.random.default_rng(12), np.array([0.0, 0.0, 20.0, 20.0, 40.0, 40.0]), 6
    covariance = 8.0**2 * np.eye(n)
    critical = critical_value(covariance, 0.95, 20_000, 1)
    known = Uncertainty(critical, None, np.arange(n), covariance)
    alone, among_all = [], []
    for _ in range(1500):
        scores = truth + 8.0 * rng.normal(size=n)
        board = Kept(scores, scores - 15.7, scores + 15.7, known, Settings())
        found = [judge(board, a, b, 20.0) for a, b in combinations(range(n), 2)]
        alone.append(all(is_true(one, one.relation, truth) for one in found))
        among_all.append(all(is_true(one, one.relation_among_all, truth) for one in found))
    assert np.mean(among_all) >= 0.94  # 0.95 less two standard errors
    assert np.mean(alone) < 0.85


@pytest.mark.parametrize("margin", [0.0, -5.0, float("nan"), float("inf")])
def test_margin_that_is_none_is_refused(margin: float) -> None:
    with pytest.raises(RatingsError, match="not a positive number of points"):
        judge(kept(5.0, 1.0), 0, 1, margin)


def test_model_without_a_score_is_not_judged() -> None:
    ratings = bradley_terry(Tallies.from_counts([[0, 1]], [[1, 1, 0, 0]], 3))
    with pytest.raises(NotEnoughDataError, match="Model 2 is not rated"):
        judge(ratings, 0, 2, 20.0)


def test_votes_until_as_good_by_hand() -> None:
    # 60 of 100: gap 0.405 nats, variance 1 / 24. A margin of 100 points is 0.5756 nats, so the
    # standard error must shrink to (0.5756 - 0.4055) / 1.6449 = 0.10344: precision 93.45.
    ratings = bradley_terry(Tallies.from_counts([[0, 1]], [[60, 40, 0, 0]], 2))
    assert votes_until_as_good(ratings, 0, 1, 100.0) == np.ceil((93.4536 - 24) / 0.24)
    more = bradley_terry(Tallies.from_counts([[0, 1]], [[240, 160, 0, 0]], 2))
    assert judge(more, 0, 1, 100.0).relation == Relation.AHEAD_BY_LESS
    assert votes_until_as_good(more, 0, 1, 100.0) == 0
    assert votes_until_as_good(ratings, 0, 1, 70.0) == np.inf


def test_votes_until_not_worse_by_hand() -> None:
    # As above: 24 of precision; the weaker one is 70.4 points behind, 0.1703 nats within 100.
    # Two models are one pair, so its interval is that of the pair alone: 1.95996 deviations.
    ratings = bradley_terry(Tallies.from_counts([[0, 1]], [[60, 40, 0, 0]], 2))
    room = 0.25 * np.log(10) - np.log(1.5)
    wanted = (norm.ppf(0.975) / room) ** 2
    assert votes_until_not_worse(ratings, 1, 0, 100.0) == np.ceil((wanted - 24) / 0.24)
    assert votes_until_not_worse(ratings, 0, 1, 100.0) == 0
    assert votes_until_not_worse(ratings, 1, 0, 70.0) == np.inf


def test_votes_needed_are_those_of_before() -> None:
    ratings = bradley_terry(Tallies.from_counts([[0, 1]], [[52, 48, 0, 0]], 2))
    gap = np.log(52 / 48)
    wanted = (norm.ppf(0.975) / gap) ** 2
    assert votes_needed(ratings, 0, 1) == np.ceil((wanted - 24.96) / 0.2496)
