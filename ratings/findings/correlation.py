"""Does the score rise with something?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.data.arrays import FloatArray


def spearman(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """Rank correlation with its 95% interval (Bonett and Wright, Psychometrika 65, 2000); needs
    more than three models.

    That has no width where all are in order, which a few models are by chance: its near end is then
    that of an order in which two neighbours have changed places.
    """
    r = float(np.corrcoef(ranks(x), ranks(y))[0, 1])
    if not np.isfinite(r):
        return 0.0, -1.0, 1.0
    n = len(x)
    nearly = 1 - 12 / (n * (n**2 - 1))
    inner = min(max(r, -nearly), nearly)
    spread = 1.959964 * np.sqrt((1 + inner**2 / 2) / (n - 3))
    low, high = np.tanh(np.arctanh(inner) + spread * np.array([-1, 1]))
    return r, float(min(low, r)), float(max(high, r))


def ranks(values: Sequence[float]) -> FloatArray:
    """Ranks from 1; equal values share their mean rank. `scipy.stats` has it too, but takes a
    third of a second to import."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: FloatArray = last - (counts - 1) / 2
    return mean[place]
