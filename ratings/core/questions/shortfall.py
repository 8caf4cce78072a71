"""How far models may be behind the best: for whoever has to choose one.

Simultaneous intervals bound every gap at once, so for each model i

    best - score_i  <=  max over j of (score_j - score_i + critical x standard error of that gap),

whichever model is the best: the upper limit of multiple comparisons with the best (Hsu, Annals of
Statistics 12, 1984), by the max-t constant of all pairs, which is wider than Hsu's. In return the
bounds hold together with probability `level`, for any models and any margin a reader picks after
seeing the board. A model whose bound is within a margin is not worse than the best by more.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ratings.core.data.arrays import FloatArray, IntArray, ReadOnly
from ratings.core.data.errors import NotRatedError
from ratings.core.methods.ratings import Scored
from ratings.core.uncertainty.ranks import ROWS_PER_BLOCK


@dataclass(frozen=True, eq=False)
class Shortfalls(ReadOnly):
    """Of (k,) models behind the best of (r,) models.

    Attributes:
        most: (k,) Elo points that each is behind the best at most; 0: none is better.
        rival: (k,) index of the model that may be as far ahead; its own where there is no other.
        level: with this probability all of `most` hold together.
    """

    most: FloatArray
    rival: IntArray
    level: float


def shortfalls(ratings: Scored, models: ArrayLike, rivals: ArrayLike) -> Shortfalls:
    """Bound how far each of (k,) `models` is behind the best of (r,) `rivals`.

    Args:
        models, rivals: indices of rated models; a model is no rival of itself.

    Raises:
        NotRatedError: one of them has no score.
    """
    mine, others = (np.asarray(each, dtype=np.int64) for each in (models, rivals))
    for model in (*mine, *others):
        if not ratings.rated[model]:
            raise NotRatedError(int(model), "is not rated: there is nothing to choose.")
    if not len(others):
        return Shortfalls(np.zeros(len(mine)), mine, ratings.settings.level)
    most, rival = np.zeros(len(mine)), mine.copy()
    for start in range(0, len(mine), ROWS_PER_BLOCK):
        rows = slice(start, start + ROWS_PER_BLOCK)
        most[rows], rival[rows] = _behind(ratings, mine[rows], others)
    return Shortfalls(np.maximum(most, 0.0), rival, ratings.settings.level)


def _behind(ratings: Scored, mine: IntArray, others: IntArray) -> tuple[FloatArray, IntArray]:
    deviation = np.sqrt(np.maximum(ratings.gap_variances(mine, others), 0.0))
    behind = ratings.scores[None, others] - ratings.scores[mine, None]
    behind += ratings.critical * deviation
    behind[mine[:, None] == others[None, :]] = -np.inf
    worst = behind.argmax(axis=1)
    most = behind[np.arange(len(mine)), worst]
    return most, np.where(np.isneginf(most), mine, others[worst])
