"""McNemar's exact test, and Holm's correction."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from ratings.core.uncertainty.paired import holm, mcnemar_exact


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (10, 0), (9, 1), (5, 5), (40, 61)])
def test_mcnemar_is_the_binomial_test_of_what_differs(first: int, second: int) -> None:
    p = mcnemar_exact(np.array([first, second]), np.array([second, first]))
    wanted = binomtest(first, first + second).pvalue if first + second else 1.0
    assert p == pytest.approx([wanted, wanted])


def test_holm_multiplies_the_smallest_by_all_and_never_falls() -> None:
    assert holm(np.array([0.03, 0.01, 0.02, 0.9])) == pytest.approx([0.06, 0.04, 0.06, 0.9])
    assert holm(np.array([0.4, 0.4])) == pytest.approx([0.8, 0.8])
    assert len(holm(np.array([]))) == 0
