"""Bounds for models that only won or only lost: the votes limit them on one side."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_expit

from ratings.core.arrays import FloatArray


def lower_bound_of_wins(opponents: FloatArray, wins: FloatArray, tail: float) -> float:
    """Lowest score at which winning everything still has probability `tail`.

    The exact (Clopper-Pearson) argument for a product of binomials with no failure, taking the
    opponents' scores as known: solve sum(wins * log s(score - opponents)) = log(tail).

    Args:
        opponents: (m,) scores of the rated opponents, natural-log units.
        wins: (m,) wins against each, at least one in total.
        tail: probability below the bound, for example 0.025.
    """

    def excess(score: float) -> float:
        return float(wins @ log_expit(score - opponents)) - float(np.log(tail))

    low, high = float(opponents.min()), float(opponents.max())
    reach = float(np.log1p(wins.sum() / -np.log(tail)) - np.log(tail)) + 1.0
    return float(brentq(excess, low - reach, high + reach))
