"""Does the score rise with something?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.data.arrays import FloatArray


def spearman(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """Rank correlation with its 95% interval (Bonett and Wright, Psychometrika 65, 2000); needs
    more than three models."""
    r = float(np.corrcoef(ranks(x), ranks(y))[0, 1])
    if not np.isfinite(r):
        return 0.0, -1.0, 1.0
    spread = 1.959964 * np.sqrt((1 + r**2 / 2) / (len(x) - 3))
    centre = np.arctanh(np.clip(r, -0.999999, 0.999999))
    return r, float(np.tanh(centre - spread)), float(np.tanh(centre + spread))


def ranks(values: Sequence[float]) -> FloatArray:
    """Ranks from 1; equal values share their mean rank. `scipy.stats` has it too, but takes a
    third of a second to import."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: FloatArray = last - (counts - 1) / 2
    return mean[place]
