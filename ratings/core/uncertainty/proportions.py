"""Confidence intervals for proportions."""

import numpy as np
from scipy.special import ndtri

from ratings.core.data.arrays import FloatArray


def wilson_interval(
    hits: FloatArray, trials: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Wilson's score interval for hits / trials, elementwise; NaN without trials.

    Wilson, JASA 22 (1927). Unlike the normal (Wald) interval it stays in [0, 1] and keeps its
    coverage for small numbers.
    """
    return score_interval(hits, trials, float(ndtri(0.5 + level / 2)))


def score_interval(
    hits: FloatArray, trials: FloatArray, deviations: FloatArray | float
) -> tuple[FloatArray, FloatArray]:
    """The same, so many standard errors wide; neither hits nor trials need be whole numbers."""
    z2 = deviations**2
    n = np.where(trials > 0, trials, np.nan)
    share = hits / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    margin = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.maximum(centre - margin, 0.0), np.minimum(centre + margin, 1.0)
