"""Bounds of models that only won."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import log_expit

from ratings.core.uncertainty.one_sided import lower_bound_of_wins


@pytest.mark.parametrize("seed", range(40))
def test_lower_bound_of_wins_has_just_the_probability_that_was_asked_for(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, spread, most = rng.integers(1, 8), rng.choice([0.1, 2, 300]), rng.choice([1, 3, 12])
    opponents = rng.normal(0, spread, size)
    wins, tail = 10 ** rng.uniform(-3, most, size), rng.choice([0.4, 0.025, 1e-9])

    def excess(score: float) -> float:
        return float(wins @ log_expit(score - opponents) - np.log(tail))

    expected = brentq(excess, -1e6, 1e6, xtol=1e-13)
    assert lower_bound_of_wins(opponents, wins, tail) == pytest.approx(expected, abs=1e-8)
