"""Boards of thousands of models use sparse methods, with the same results."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from ratings.core import Ratings, RatingsError, Tallies, bradley_terry
from ratings.core.data.validation import LARGE, MAX_RATED
from ratings.core.methods.ratings import TieReading
from ratings.core.questions.compare import compare, simultaneous_gaps
from ratings.core.questions.win_rates import met_pairs, win_rates
from ratings.core.uncertainty.ranks import critical_value, simultaneous_quantile
from tests.ratings.core.shapes import simulate

HOLDERS = ("fit.newton", "fit.cholesky", "data.laplacian")


@pytest.fixture
def as_if_large(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Treat every board as large from now on, except in the simulation."""

    def set_to_zero() -> None:
        for module in HOLDERS:
            monkeypatch.setattr(f"ratings.core.{module}.LARGE", 0)
        monkeypatch.setattr("ratings.core.fit.elimination.SMALLEST", 1)

    return set_to_zero


@pytest.mark.parametrize("ties", ["half", "davidson", "rao-kupper"])
@pytest.mark.parametrize(("votes", "models"), [(3000, 30), (700, 60)])
def test_large_board_has_the_numbers_of_a_small_one(
    ties: TieReading, votes: int, models: int, as_if_large: Callable[[], None]
) -> None:
    simulated = simulate(votes, models, seed=1)
    tallies = simulated.tallies(voter=np.arange(votes) % 40)
    usual = [bradley_terry(tallies, ties=ties, covariance=c) for c in ("sandwich", "clustered")]
    as_if_large()
    large = [bradley_terry(tallies, ties=ties, covariance=c) for c in ("sandwich", "clustered")]
    for one, other in zip(usual, large, strict=True):
        assert_same(one, other)


def assert_same(one: Ratings, other: Ratings) -> None:
    for name in ("scores", "lower", "upper", "win_rate"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-9)
    for name in ("status", "rank_low", "rank_high", "rank_ub", "component"):
        np.testing.assert_array_equal(getattr(other, name), getattr(one, name))
    scale = np.nanmax(one.covariance)
    np.testing.assert_allclose(other.covariance, one.covariance, rtol=1e-7, atol=1e-9 * scale)


@pytest.mark.parametrize("kind", ["chain", "star"])
def test_large_board_that_conjugate_gradients_find_hard_is_rated(
    kind: str, as_if_large: Callable[[], None]
) -> None:
    rng, n = np.random.default_rng(3), 200
    pairs = [(i - 1 if kind == "chain" else 0, i) for i in range(1, n)]
    counts = np.floor(10 ** rng.uniform(0, 9, (n - 1, 4)))
    counts[:, 2:] = 0
    as_if_large()
    scores = bradley_terry(Tallies.from_counts(pairs, counts, n)).scores * np.log(10) / 400
    gaps = np.array([scores[a] - scores[b] for a, b in pairs])
    np.testing.assert_allclose(gaps, np.log(counts[:, 0] / counts[:, 1]), atol=1e-6)


def test_critical_value_of_a_large_board_is_a_little_wider_than_the_simulated_one() -> None:
    n = LARGE + 1
    covariance = np.diag(np.random.default_rng(1).uniform(0.5, 2.0, n))
    deviation = np.sqrt(np.add.outer(np.diag(covariance), np.diag(covariance)))
    np.fill_diagonal(deviation, 0.0)
    simulated = simulated_by_few_draws(covariance, deviation)
    assert simulated < critical_value(covariance, 0.95, 1, 0) < 1.06 * simulated


def simulated_by_few_draws(covariance: np.ndarray, deviation: np.ndarray) -> float:
    return simultaneous_quantile(covariance, deviation, 0.95, 400, 0)


def many(models: int) -> Tallies:
    """Each model has met four others, as with the many merged models of a model hub."""
    rng = np.random.default_rng(1)
    a, b = np.tile(np.arange(models), 2), np.concatenate([rng.permutation(models) for _ in "ab"])
    kept = a != b
    strength = rng.normal(0, 0.5, models)
    won = rng.random(len(a)) < 1 / (1 + np.exp(strength[b] - strength[a]))
    return Tallies.from_votes(a[kept], b[kept], np.where(won, 0, 1)[kept], models)


def test_four_thousand_models_are_rated_within_seconds_of_one_processor() -> None:
    tallies = many(4500)
    began = time.process_time()
    ratings = bradley_terry(tallies)
    best = int(ratings.rank_low[ratings.rated].min())
    assert time.process_time() - began < 5  # 1.3 s alone, and 7 with dense matrices
    assert best == 1
    assert ratings.rated.sum() > 2500
    a, b = ratings.order[[0, -1]]
    single, every = compare(ratings, a, b), simultaneous_gaps(ratings, a, b)
    assert every.lower.shape == (1, 1)
    assert every.lower[0, 0] < single.gap_lower


def test_more_models_than_the_memory_holds_are_refused_with_numbers() -> None:
    tallies = Tallies.from_votes([0], [1], [0], MAX_RATED + 1)
    with pytest.raises(RatingsError, match=r"5,001 models .* at most 5,000"):
        bradley_terry(tallies)


def test_win_rates_of_some_models_are_those_of_all() -> None:
    tallies = simulate(600, 12, seed=4).tallies()
    every, named = win_rates(tallies), [7, 2, 11]
    some = win_rates(tallies, named)
    for name in ("rate", "lower", "upper", "votes"):
        np.testing.assert_allclose(getattr(some, name), getattr(every, name)[np.ix_(named, named)])
    met = met_pairs(tallies, named)
    assert list(zip(met.a.tolist(), met.b.tolist(), strict=True)) == [(7, 2), (7, 11), (2, 11)]
    np.testing.assert_allclose(met.rate, [every.rate[7, 2], every.rate[7, 11], every.rate[2, 11]])
