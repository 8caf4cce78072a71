import numpy as np
import pytest

from ratings.core import ConvergenceError, Tallies, bradley_terry
from ratings.core.data.laplacian import degree, laplacian, net_flow
from ratings.core.fit.cholesky import Cholesky
from tests.ratings.core.shapes import simulate


@pytest.mark.parametrize("n_models", [20, 200], ids=["most models met", "few did"])
def test_sums_per_model_equal_the_incidence_matrix(n_models: int) -> None:
    pairs = np.argwhere(np.triu(np.ones((20, 20)), 1))
    values = np.random.default_rng(0).normal(size=len(pairs))
    rows = np.arange(len(pairs))
    incidence = np.zeros((len(pairs), n_models))
    incidence[rows, pairs[:, 0]], incidence[rows, pairs[:, 1]] = 1.0, -1.0
    flow, total = net_flow(pairs, values, n_models), degree(pairs, values, n_models)
    np.testing.assert_allclose(flow, incidence.T @ values, atol=1e-12)
    np.testing.assert_allclose(total, np.abs(incidence).T @ values, atol=1e-12)
    expected = incidence.T @ (values[:, None] * incidence)
    np.testing.assert_allclose(laplacian(pairs, values, n_models), expected, atol=1e-12)


def test_sandwich_by_solves_needs_no_constant_direction() -> None:
    # A constant added along 11' makes the information invertible; it cancels for a meat whose rows
    # sum to zero, so the pseudo-inverse gives the same.
    pairs, rng = np.argwhere(np.triu(np.ones((8, 8)), 1)), np.random.default_rng(1)
    information = laplacian(pairs, rng.random(len(pairs)), 8)
    meat = laplacian(pairs, rng.random(len(pairs)), 8)
    found = Cholesky.of(information + 3.0).sandwich(meat)
    bread = np.linalg.pinv(information, rcond=1e-9)
    np.testing.assert_allclose(found, bread @ meat @ bread, atol=1e-9)
    np.testing.assert_allclose(found.sum(axis=0), 0.0, atol=1e-9)


def test_a_matrix_that_is_not_positive_definite_does_not_converge() -> None:
    with pytest.raises(ConvergenceError, match="diverge"):
        Cholesky.of(np.array([[1.0, 2.0], [2.0, 1.0]]))


def test_rao_kupper_of_one_tie_among_a_million_votes_is_exact() -> None:
    # Near the boundary of the threshold's domain Newton's steps only halve: a stale Hessian fails.
    tallies = Tallies.from_counts([[0, 1]], [[600_000, 399_999, 1, 0]], 2)
    result = bradley_terry(tallies, ties="rao-kupper")
    gap, tie = np.diff(result.scores)[0] / (400 / np.log(10)), result.tie_parameter
    assert tie is not None
    chances = 1 / (1 + np.exp([gap + tie, tie - gap]))
    np.testing.assert_allclose(chances, [0.6, 0.399999], rtol=1e-9)


def test_fit_of_many_models_is_exact() -> None:
    # The last steps share a Hessian; the gradient must still vanish.
    tallies = simulate(200_000, 40, seed=1).tallies()
    scores = bradley_terry(tallies).scores * (np.log(10) / 400)
    first, second = tallies.pairs.T
    votes = tallies.counts.sum(axis=1)
    lead = tallies.counts[:, 0] - tallies.counts[:, 1]
    slope = lead - votes * np.tanh((scores[first] - scores[second]) / 2)
    assert np.abs(net_flow(tallies.pairs, slope, 40)).max() < 1e-8
