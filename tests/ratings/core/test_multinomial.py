import numpy as np
import pytest
from scipy.stats import binom, chisquare, poisson

from ratings.core.uncertainty.multinomial import MultinomialSampler, inverse_table, unresolved


def draws(counts: list[float], rounds: int, in_all: int) -> np.ndarray:
    table = np.sort(np.asarray(counts, dtype=float))
    sampler = MultinomialSampler(table, int(table.sum()), in_all)
    return np.asarray(sampler.draw(rounds, np.random.default_rng(0)), dtype=float)


@pytest.mark.parametrize("in_all", [1, 10**9])
def test_multinomial_draws_have_the_right_total_mean_and_covariance(in_all: int) -> None:
    counts = np.repeat([1.0, 3.0, 40.0], [6, 4, 2])
    drawn = draws(list(counts), 40_000, in_all)
    n = counts.sum()
    assert (drawn.sum(axis=0) == n).all()
    np.testing.assert_allclose(drawn.mean(axis=1), counts, atol=0.12)
    np.testing.assert_allclose(
        np.cov(drawn), np.diag(counts) - np.outer(counts, counts) / n, atol=0.5
    )


@pytest.mark.parametrize("in_all", [1, 10**9])
@pytest.mark.parametrize("cell", [0, 3])
def test_multinomial_cell_is_binomial(in_all: int, cell: int) -> None:
    counts = [2.0, 2.0, 2.0, 14.0]
    observed = np.bincount(draws(counts, 30_000, in_all)[cell].astype(int), minlength=21)
    expected = 30_000 * binom.pmf(np.arange(21), 20, counts[cell] / 20)
    usual = expected > 5
    rest = [max(expected[~usual].sum(), 1e-9)]
    test = chisquare(
        np.append(observed[usual], observed[~usual].sum()), np.append(expected[usual], rest)
    )
    assert test.pvalue > 1e-3


@pytest.mark.parametrize("counts", [[1.0], [1.0, 1.0], [1.0, 2.0]])
def test_multinomial_handful_of_votes_is_complete(counts: list[float]) -> None:
    assert (draws(counts, 200, 200).sum(axis=0) == sum(counts)).all()


@pytest.mark.parametrize("mean", [0.3, 7.0, 180.0, 400.0])
def test_inverse_table_is_the_inverse_distribution(mean: float) -> None:
    table, distribution = inverse_table(mean)
    resolved = np.flatnonzero(table != unresolved(table.dtype))
    assert len(resolved) > 0.99 * len(table)
    np.testing.assert_array_equal(table[resolved], poisson.ppf((resolved + 0.5) / len(table), mean))
    assert distribution[-1] == 1.0
