"""Intervals of quantiles: against SciPy's, and how often they hold the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import quantile_test

from ratings.core.uncertainty.quantiles import quantile_interval, ranks

SHARES = (0.1, 0.5, 0.9)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("n", [36, 37, 100, 1234])
def test_interval_is_that_of_scipy(n: int, share: float) -> None:
    values = np.random.default_rng(n).lognormal(size=n)
    found = quantile_interval(values, share, 0.95)
    assert found is not None
    theirs: Any = quantile_test(values, p=share).confidence_interval(0.95)
    assert (found.lower, found.upper) == (theirs.low, theirs.high)
    assert found.value == np.quantile(values, share)
    assert found.lower <= found.value <= found.upper


def test_too_few_values_have_no_interval() -> None:
    """The largest of 35 is below the 90th percentile with a probability of 2.503%."""
    assert 0.9**36 < 0.025 < 0.9**35
    assert ranks(35, 0.9, 0.95) is None
    assert ranks(36, 0.9, 0.95) == (29, 36)
    assert ranks(35, 0.1, 0.95) is None
    assert ranks(36, 0.1, 0.95) == (1, 8)
    assert [ranks(n, 0.5, 0.95) for n in (0, 1, 5, 6)] == [None, None, None, (1, 6)]
    assert quantile_interval(np.ones(35), 0.9, 0.95) is None


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("n", [40, 300])
def test_interval_holds_the_truth_as_often_as_it_says(n: int, share: float) -> None:
    runs = 4000
    values = np.random.default_rng(7).lognormal(sigma=1.5, size=(runs, n))
    truth = np.exp(1.5 * ndtri(share))
    found = [quantile_interval(each, share, 0.95) for each in values]
    held = np.mean([one is not None and one.lower <= truth <= one.upper for one in found])
    assert 0.945 <= held <= 0.985  # steps between two ranks make it hold a little too often
