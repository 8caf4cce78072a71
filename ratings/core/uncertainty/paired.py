"""Two models on the same yes-or-no questions."""

import numpy as np
from scipy.special import bdtr

from ratings.core.data.arrays import FloatArray, IntArray


def mcnemar_exact(first_only: IntArray, second_only: IntArray) -> FloatArray:
    """Two-sided p-values of the exact test of McNemar (Psychometrika 12, 1947), elementwise: if
    both are equally often right, each question that only one gets right is a fair coin's."""
    fewer, both = np.minimum(first_only, second_only), first_only + second_only
    return np.minimum(1.0, 2.0 * np.asarray(bdtr(fewer, both, 0.5), dtype=np.float64))


def holm(p: FloatArray) -> FloatArray:
    """p-values corrected for looking at all of them (Holm, Scand. J. Statist. 6, 1979)."""
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted
