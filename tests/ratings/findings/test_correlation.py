"""Rank correlation against scipy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ratings.findings.correlation import ranks, spearman


@given(st.lists(st.integers(-3, 3) | st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_ranks_are_those_of_scipy_with_ties_too(values: list[float]) -> None:
    assert ranks(values).tolist() == stats.rankdata(values).tolist()


def test_correlation_is_that_of_scipy_inside_its_interval() -> None:
    x, y = [1.0, 2.0, 2.0, 3.0, 5.0, 8.0], [1.0, 3.0, 2.0, 2.0, 9.0, 4.0]
    r, low, high = spearman(x, y)
    assert r == pytest.approx(stats.spearmanr(x, y).statistic)
    assert -1 < low < r < high < 1


def test_correlation_with_what_does_not_vary_is_not_known() -> None:
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert spearman([1.0, 1.0, 1.0, 1.0], [1.0, 2.0, 3.0, 4.0]) == (0.0, -1.0, 1.0)


def test_few_models_in_one_order_prove_little() -> None:
    """One order of 24 is that of the others."""
    r, low, high = spearman([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0])
    assert (r, high) == (1.0, 1.0)
    assert low < 0
    turned = spearman([1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0])
    assert turned == pytest.approx((-1.0, -1.0, -low))
    many = [float(n) for n in range(20)]
    assert spearman(many, many)[1] > 0.97
