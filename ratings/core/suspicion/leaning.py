"""Does a voter decide for a model, or against it, whatever the answers?

Compares two explanations of the votes on a model: an honest taste (`tastes`), or somebody who
decides for it, or against it, in nearly all of them, or in some.
"""

import numpy as np

from ratings.core.data.arrays import BoolArray, FloatArray, IntArray
from ratings.core.suspicion.betting import anytime_after_each

Lean = tuple[int, bool]  # a model, and whether it is favoured
NEARLY = np.array([0.96, 0.02, 0.02])  # win, tie, loss of a rigger's target
# Shares of rigged votes, the others being as of an honest voter; and how likely each is.
SHARES, LIKELY = np.array([1.0, 0.6, 0.3]), np.array([0.6, 0.25, 0.15])


def in_shares(ratios: FloatArray) -> FloatArray:
    """(3, ..., n): how much likelier each result is if only such a share of the votes is rigged,
    from the (..., n) ratios of a vote that is."""
    shares = SHARES.reshape(-1, *[1] * ratios.ndim)
    found: FloatArray = shares * ratios + 1.0 - shares
    return found


def e_values(said: FloatArray, results: IntArray, there: BoolArray) -> FloatArray:
    """(2, m, n) after each of n votes on m models: that it is favoured, and that it is hurt; from
    the chances of an honest voter, and what was said. Where no vote is, nothing changes."""
    rigged = np.stack([NEARLY, NEARLY[::-1]])[:, results]
    paths = anytime_after_each(in_shares(np.where(there, rigged / said, 1.0)))
    found: FloatArray = np.tensordot(LIKELY, paths, axes=1)
    return found
