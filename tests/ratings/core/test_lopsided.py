"""Counts of very different size: ten million to one next to ten to ten."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ratings.core import ConvergenceError, Tallies, bradley_terry
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.fit.fitting import fit_rated
from tests.ratings.core.shapes import Array

SHAPES = ("chain", "star", "clique", "cycle")
Long = NDArray[np.longdouble]


def pairs_of(shape: str, n: int) -> Array:
    chain = [(i, i + 1) for i in range(n - 1)]
    found = {
        "chain": chain,
        "star": [(0, i) for i in range(1, n)],
        "clique": [(i, j) for i in range(n) for j in range(i + 1, n)],
        "cycle": [*chain, (0, n - 1)][: n if n > 2 else 1],
    }
    return np.array(found[shape])


@st.composite
def far_apart(draw: st.DrawFn) -> tuple[str, Array, Array, int]:
    """Counts from 1 to a billion, log-uniform; on a cycle each model only beat the next, connected
    by one vote for the last against the first."""
    shape, n = draw(st.sampled_from(SHAPES)), draw(st.integers(2, 60))
    pairs = pairs_of(shape, n)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    counts = np.floor(10 ** rng.uniform(0, 9, (len(pairs), 3)))
    if draw(st.booleans()):
        counts[:, 2] = 0
    if shape == "cycle" and n > 2:
        counts[:, 0] += 1
        counts[:, 1:], counts[-1] = 0, (0, 1, 0)
    return shape, pairs, counts, n


def errors_away(pairs: Array, counts: Array, point: Array) -> float:
    """Distance from the maximum in standard errors, by one Newton step in extended precision."""
    exact: Long = point.astype(np.longdouble)
    n = len(exact)
    slope, matrix = np.zeros(n, np.longdouble), np.zeros((n, n), np.longdouble)
    for (i, j), (wins, losses, ties) in zip(pairs, counts.astype(np.longdouble), strict=True):
        win, loss = (1 / (1 + np.exp(gap)) for gap in (exact[j] - exact[i], exact[i] - exact[j]))
        pull = (wins + ties / 2) * loss - (losses + ties / 2) * win
        slope[i] += pull
        slope[j] -= pull
        ends = np.ix_([i, j], [i, j])
        matrix[ends] += (wins + losses + ties) * win * loss * np.array([[1, -1], [-1, 1]])
    return float(np.sqrt(abs(slope[1:] @ solved(matrix[1:, 1:], slope[1:]))))


def solved(matrix: Long, right: Long) -> Long:
    """Gaussian elimination, as LAPACK has no extended precision."""
    a, b = matrix.copy(), right.copy()
    for k in range(len(b)):
        factor = a[k + 1 :, k] / a[k, k]
        a[k + 1 :] -= factor[:, None] * a[k]
        b[k + 1 :] -= factor * b[k]
    for k in reversed(range(len(b))):
        b[k] = (b[k] - a[k, k + 1 :] @ b[k + 1 :]) / a[k, k]
    return b


@settings(max_examples=60, deadline=None)
@given(far_apart())
def test_fit_of_counts_far_apart_reaches_the_maximum(
    found: tuple[str, Array, Array, int],
) -> None:
    _, pairs, counts, n = found
    fit = fit_rated(pairs, counts, n, "half").fit
    assert fit is not None
    assert errors_away(pairs, counts, fit.point) < 1e-4


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
@settings(max_examples=25, deadline=None)
@given(found=far_apart())
def test_tie_models_converge_on_counts_far_apart(
    ties: str, found: tuple[str, Array, Array, int]
) -> None:
    shape, pairs, counts, n = found
    if shape in ("chain", "star") or n == 2:
        counts[:, 2] = 0  # without a cycle of wins the tie parameter diverges
    fit = fit_rated(pairs, counts, n, ties).fit
    assert fit is not None
    slope = fit.problem.gradient(fit.problem.derivatives(fit.point))
    assert np.sqrt(abs(slope @ fit.factor.solve(slope))) < 1e-4


@pytest.mark.parametrize("wins", [1e7, 1e8, 1e12])
def test_ten_million_to_one_beside_ten_to_ten_is_rated(wins: float) -> None:
    counts = np.array([[wins, 1, 0, 0], [10, 10, 0, 0]])
    result = bradley_terry(Tallies.from_counts([[0, 1], [1, 2]], counts, 3))
    first, second, third = result.scores / POINTS_PER_NAT
    assert first - second == pytest.approx(np.log(wins), rel=1e-9)
    assert second - third == pytest.approx(0.0, abs=1e-9)
    # A lone vote against many determines the gap to about one natural-log unit.
    deviation = (result.upper - result.lower)[0] / POINTS_PER_NAT / (2 * 1.96)
    assert 0.3 < deviation < 1.0


def test_scores_that_drift_off_are_refused_in_words() -> None:
    # 38 gaps of a billion to nothing, balanced only by single votes at both ends.
    pairs = pairs_of("cycle", 40)
    counts = np.tile([1e9, 0.0, 0.0, 0.0], (len(pairs), 1))
    counts[0], counts[-1] = (1, 0, 0, 0), (0, 1, 0, 0)
    with pytest.raises(ConvergenceError, match="No finite scores"):
        bradley_terry(Tallies.from_counts(pairs, counts, 40))
