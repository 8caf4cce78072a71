"""Sparse systems have the same solutions as dense ones."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from ratings.core import ConvergenceError
from ratings.core.data.laplacian import sparse_laplacian
from ratings.core.fit.elimination import MOST_TOUCHED, Elimination
from ratings.core.fit.grounded import Grounded
from tests.ratings.core.shapes import Array

SHAPES = ("few met", "most met", "chain", "star")


def pairs_of(shape: str, n: int) -> Array:
    rng = np.random.default_rng(2)
    if shape == "few met":
        near = np.stack([np.tile(np.arange(n), 2), np.append(*(rng.permutation(n) for _ in "ab"))])
        return np.append(near.T[near[0] != near[1]], [[i, i + 1] for i in range(n - 1)], axis=0)
    if shape == "most met":
        return np.argwhere(np.triu(np.ones((n, n)), 1))
    return np.array([(i - 1 if shape == "chain" else 0, i) for i in range(1, n)])


def system(shape: str, n: int = 250) -> tuple[csr_array, csr_array]:
    """A grounded information, and a meat with the same pattern."""
    rng, pairs = np.random.default_rng(3), pairs_of(shape, n)
    ground = csr_array(([1.0], ([0], [0])), shape=(n, n))
    matrix = csr_array(sparse_laplacian(pairs, rng.uniform(0.1, 9.0, len(pairs)), n) + ground)
    return matrix, sparse_laplacian(pairs, rng.uniform(0.1, 9.0, len(pairs)), n)


@pytest.mark.parametrize("shape", SHAPES)
def test_elimination_of_any_shape_solves_inverts_and_wraps(shape: str) -> None:
    matrix, meat = system(shape)
    factor, inverse = Elimination.of(matrix), np.linalg.inv(matrix.toarray())
    right = np.random.default_rng(4).normal(size=(len(inverse), 3))
    same = {"rtol": 1e-9, "atol": 1e-9 * np.abs(inverse).max()}
    np.testing.assert_allclose(factor.solve(right[:, 0]), inverse @ right[:, 0], **same)
    np.testing.assert_allclose(factor.solve(right), inverse @ right, **same)
    np.testing.assert_allclose(factor.inverse(), inverse, **same)
    expected = inverse @ meat.toarray() @ inverse
    np.testing.assert_allclose(
        factor.sandwich(meat), expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max()
    )


def test_elimination_wraps_a_full_matrix() -> None:
    matrix, _ = system("few met")
    half = np.random.default_rng(5).normal(size=matrix.shape)
    inverse, meat = np.linalg.inv(matrix.toarray()), half @ half.T
    found = Elimination.of(matrix).sandwich(csr_array(meat))
    np.testing.assert_allclose(found, inverse @ meat @ inverse, rtol=1e-8)


def test_elimination_leaves_little_where_few_met() -> None:
    n = 2000
    left = len(Elimination.of(system("few met", n)[0]).core.lower)
    assert left < 0.65 * n
    assert len(Elimination.of(system("most met", MOST_TOUCHED + 3)[0]).steps) == 0


@pytest.mark.parametrize("row", [0, 40])
def test_elimination_of_what_is_not_positive_definite_does_not_converge(row: int) -> None:
    matrix = system("chain")[0].tolil()
    matrix[row, row] = -1.0
    with pytest.raises(ConvergenceError, match="diverge"):
        Elimination.of(csr_array(matrix))


@pytest.mark.parametrize("shape", SHAPES)
def test_grounded_information_has_the_generalised_inverse(shape: str) -> None:
    rng, pairs, n = np.random.default_rng(6), pairs_of(shape, 150), 150
    matrix, meat = (sparse_laplacian(pairs, rng.uniform(1, 9, len(pairs)), n) for _ in "ab")
    factor, inverse = Grounded.of(matrix, n), np.linalg.pinv(matrix.toarray(), rcond=1e-10)
    flow = rng.normal(size=n)
    flow -= flow.mean()
    same = {"rtol": 1e-7, "atol": 1e-9 * np.abs(inverse).max()}
    np.testing.assert_allclose(factor.solve(flow), inverse @ flow, **same)
    np.testing.assert_allclose(factor.inverse(), inverse, **same)
    expected = inverse @ meat.toarray() @ inverse
    np.testing.assert_allclose(
        factor.sandwich(meat), expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max()
    )
