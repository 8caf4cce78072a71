"""One-sided bounds for models that only won or only lost."""

import numpy as np
from scipy.special import expit, log_expit

from ratings.core.data.arrays import FloatArray
from ratings.core.data.errors import TOO_FAR_APART, ConvergenceError

MAX_ITERATIONS = 100
TOLERANCE = 1e-10  # size of the last step, natural-log units; Newton converges quadratically


def lower_bound_of_wins(opponents: FloatArray, wins: FloatArray, tail: float) -> float:
    """Lowest score at which winning everything still has probability `tail`.

    The exact (Clopper-Pearson) argument for a product of binomials with no failure, taking the
    opponents' scores as known: solve sum(wins * log s(score - opponents)) = log(tail).

    Args:
        opponents: (m,) scores of the rated opponents, natural-log units.
        wins: (m,) wins against each, at least one in total.
        tail: probability below the bound, for example 0.025.

    Raises:
        ConvergenceError: Newton's method did not reach its tolerance.
    """
    # The sum is increasing and concave, so Newton's method approaches the bound from below.
    score = float(opponents.min() + np.log(tail))
    for _ in range(MAX_ITERATIONS):
        missing = float(np.log(tail) - wins @ log_expit(score - opponents))
        step = missing / float(wins @ expit(opponents - score))
        score += step
        if abs(step) < TOLERANCE * max(1.0, abs(score)):
            return score
    raise ConvergenceError(TOO_FAR_APART)
