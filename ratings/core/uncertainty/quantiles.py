"""Confidence intervals for quantiles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import bdtr

from ratings.core.data.arrays import FloatArray


class Estimate(NamedTuple):
    """A quantile and the ends of its interval."""

    value: float
    lower: float
    upper: float


def ranks(n: int, share: float, level: float) -> tuple[int, int] | None:
    """Which of n ordered values, counted from 1, are the ends of an interval for a quantile; None
    if n values are too few for both ends."""
    below = bdtr(np.arange(n), n, share)  # P(at most k values lie below the quantile)
    tail = (1 - level) / 2
    low = int(np.searchsorted(below, tail))
    high = int(np.searchsorted(below, 1 - tail)) + 1
    return (low, high) if low > 0 and high <= n else None


def quantile_interval(values: FloatArray, share: float, level: float) -> Estimate | None:
    """The quantile of a sample, and an interval between two of its values; None if there are too
    few for both ends.

    The number of values below the true quantile is binomial, whatever their distribution, so the
    interval holds it with a probability of at least `level`; it takes the values as independent.
    Thompson, Annals of Mathematical Statistics 7 (1936); Hahn and Meeker, Statistical Intervals
    (1991), 5.2.

    Args:
        values: (n,) in any order.
        share: of the distribution below the quantile, such as 0.5 for the median.
    """
    ends = ranks(len(values), share, level)
    if ends is None:
        return None
    ordered = np.sort(values)
    low, high = (float(ordered[end - 1]) for end in ends)
    return Estimate(float(np.quantile(ordered, share)), low, high)
