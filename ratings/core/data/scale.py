"""The Elo scale: P(A beats B) = 1 / (1 + 10^((R_B - R_A) / 400)), mean or anchor at a set score."""

import math
from dataclasses import dataclass

import numpy as np

from ratings.core.data.arrays import FloatArray
from ratings.core.data.errors import NotRatedError

# A gap of 400 points means odds of ten to one.
POINTS_PER_DECADE = 400.0
POINTS_PER_NAT = POINTS_PER_DECADE / math.log(10.0)


@dataclass(frozen=True)
class Anchor:
    """Pin `model` (an index) at `score`; without a model, pin the mean of the rated models."""

    model: int | None = None
    score: float = 1000.0


# The field's convention: the average of the rated models stands at 1000.
MEAN_AT_1000 = Anchor()


def place(
    scores: FloatArray, covariance: FloatArray, anchor: Anchor
) -> tuple[FloatArray, FloatArray]:
    """Shift zero-mean scores and their covariance to the anchor.

    Under the mean convention the scores' errors sum to zero; with an anchor model every error is
    relative to it, and its own interval has no width.

    Args:
        scores: (n,) and covariance: (n, n), natural-log units; models not rated are NaN.

    Returns:
        The same in Elo points.

    Raises:
        NotRatedError: the anchor model has no score.
    """
    if anchor.model is None:
        centre = float(np.nanmean(scores))
        return anchor.score + (scores - centre) * POINTS_PER_NAT, covariance * POINTS_PER_NAT**2
    if not 0 <= anchor.model < len(scores) or np.isnan(scores[anchor.model]):
        raise NotRatedError(anchor.model, "cannot be the anchor: it is not rated.")
    row = covariance[anchor.model]
    relative = covariance - row[:, None] - row[None, :] + row[anchor.model]
    shifted = anchor.score + (scores - scores[anchor.model]) * POINTS_PER_NAT
    return shifted, relative * POINTS_PER_NAT**2


def around_mean(covariance: FloatArray) -> FloatArray:
    """(n, n) covariance of the scores minus their mean, from the covariance under any anchor."""
    centre = covariance.mean(axis=0)
    centred: FloatArray = covariance - centre[:, None] - centre[None, :] + centre.mean()
    return centred
