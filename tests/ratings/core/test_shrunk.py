"""One voter's scores, shrunk towards known ones: closed cases, and coverage by simulation."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.special import expit

from ratings.core import BadVotesError, RatingsError, Tallies
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.methods.shrunk import SPREAD, shrunk

Z95 = 1.959963984540054


def votes(*rows: tuple[int, int, int, int, int, int], n_models: int = 3) -> Tallies:
    """Rows of first, second, and how often each verdict was given."""
    table = np.array(rows)
    return Tallies.from_counts(table[:, :2], table[:, 2:], n_models)


def test_two_models_move_apart_by_the_closed_solution() -> None:
    """By symmetry x = m + d, y = m - d, and the derivative is zero where d / tau^2 = k s(-2d)."""
    result = shrunk(votes((0, 1, 3, 0, 0, 0), n_models=2), [1000.0, 1000.0], spread=100.0)
    tau = 100.0 / POINTS_PER_NAT
    d = brentq(lambda d: d / tau**2 - 3 * expit(-2 * d), 0.0, 10.0, xtol=1e-14)
    assert result.scores == pytest.approx([1000 + d * POINTS_PER_NAT, 1000 - d * POINTS_PER_NAT])
    # The information of their difference is 1 / (2 tau^2) + 3 s(2d) s(-2d); that of their sum is
    # the prior's alone.
    apart = 1 / (1 / (2 * tau**2) + 3 * expit(2 * d) * expit(-2 * d))
    variance = (apart + 2 * tau**2) / 4 * POINTS_PER_NAT**2
    assert np.diag(result.covariance) == pytest.approx([variance] * 2)
    assert result.upper - result.scores == pytest.approx([Z95 * np.sqrt(variance)] * 2)


def test_model_without_votes_stays_where_it_was() -> None:
    result = shrunk(votes((0, 1, 2, 1, 0, 0)), [1100.0, 1000.0, 900.0])
    assert result.scores[2] == pytest.approx(900.0)
    assert result.upper[2] - 900.0 == pytest.approx(Z95 * SPREAD)
    assert result.scores[:2].sum() == pytest.approx(2100.0)


def test_votes_as_expected_move_nothing() -> None:
    """Half of the votes each, between equals; a tie or both bad is half a vote for either."""
    result = shrunk(votes((0, 1, 2, 2, 3, 1), (1, 2, 1, 1, 0, 0)), [1000.0] * 3)
    assert result.scores == pytest.approx([1000.0] * 3)


def test_maximum_is_that_of_a_general_optimiser() -> None:
    rng = np.random.default_rng(1)
    pairs = np.array([(i, j) for i in range(6) for j in range(i + 1, 6)])
    tallies = Tallies.from_counts(pairs, rng.integers(0, 4, (len(pairs), 4)), 6)
    centre = rng.normal(1000, 150, 6)
    tau = 80.0 / POINTS_PER_NAT

    def loss(x: np.ndarray) -> float:
        gap = x[tallies.pairs[:, 0]] - x[tallies.pairs[:, 1]]
        half = 0.5 * (tallies.counts[:, 2] + tallies.counts[:, 3])
        won, lost = tallies.counts[:, 0] + half, tallies.counts[:, 1] + half
        likelihood = won @ np.log(expit(gap)) + lost @ np.log(expit(-gap))
        return float(((x - centre / POINTS_PER_NAT) ** 2).sum() / (2 * tau**2) - likelihood)

    best = minimize(loss, centre / POINTS_PER_NAT, options={"gtol": 1e-9}).x * POINTS_PER_NAT
    assert shrunk(tallies, centre, spread=80.0).scores == pytest.approx(best, abs=1e-3)


def test_more_votes_move_further_and_tell_more() -> None:
    few, many = (shrunk(votes((0, 1, k, 0, 0, 0), n_models=2), [1000.0, 1000.0]) for k in (1, 50))
    assert 1000 < few.scores[0] < many.scores[0]
    gaps = [r.covariance[0, 0] - 2 * r.covariance[0, 1] + r.covariance[1, 1] for r in (few, many)]
    assert gaps[1] < gaps[0]


def test_lopsided_votes_converge() -> None:
    heavy = votes((0, 1, 10**9, 0, 0, 0), (1, 2, 0, 10**9, 0, 0))
    result = shrunk(heavy, [-3000.0, 1000.0, 9000.0], spread=1000.0)
    assert np.isfinite(result.scores).all()
    assert result.scores[0] > result.scores[1] < result.scores[2]


@pytest.mark.parametrize("spread", [0.0, -1.0, float("nan"), float("inf")])
def test_spread_that_is_none_is_refused(spread: float) -> None:
    with pytest.raises(RatingsError, match="not a positive number of points"):
        shrunk(votes((0, 1, 1, 0, 0, 0)), [1000.0] * 3, spread=spread)


@pytest.mark.parametrize("centre", [[1000.0], [1000.0, float("nan"), 1000.0], [[1000.0] * 3]])
def test_centre_that_is_no_score_of_each_model_is_refused(centre: list[float]) -> None:
    with pytest.raises(BadVotesError, match="3 finite scores"):
        shrunk(votes((0, 1, 1, 0, 0, 0)), centre)


@pytest.mark.parametrize("n_votes", [10, 60, 400])
def test_intervals_cover_a_voter_drawn_from_the_prior(n_votes: int) -> None:
    """Laplace's approximation is good enough for any number of votes: 95% within 1.5%."""
    rng = np.random.default_rng(n_votes)
    covered = []
    for _ in range(300):
        centre = rng.normal(1000, 150, 8)
        truth = rng.normal(centre, SPREAD)
        a = rng.integers(0, 8, n_votes)
        b = (a + rng.integers(1, 8, n_votes)) % 8
        wins = rng.random(n_votes) < expit((truth[a] - truth[b]) / POINTS_PER_NAT)
        result = shrunk(Tallies.from_votes(a, b, np.where(wins, 0, 1), 8), centre)
        covered.append((result.lower < truth) & (truth < result.upper))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)
