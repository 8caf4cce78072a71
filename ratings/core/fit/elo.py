"""Online Elo: ratings updated vote by vote, in the order the votes were cast.

Elo, "The rating of chessplayers, past and present" (1978), with the arena's convention K = 4,
start 1000, scale 400. The result depends on the order of the votes; Bradley-Terry's does not. It is
here because people expect it, and to compare with boards that use it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ratings.core.data import cells
from ratings.core.data.arrays import FloatArray, IntArray, ReadOnly
from ratings.core.data.errors import BadVotesError
from ratings.core.data.validation import as_indices, check_n_models, check_same_length, reject_first

# What the left side gets for each verdict: A, B, TIE, BOTH_BAD.
LEFT_SHARE = (1.0, 0.0, 0.5, 0.5)


@dataclass(frozen=True, eq=False)
class Elo(ReadOnly):
    """Ratings after the last vote.

    Attributes:
        scores: (n,) models without votes stand at `start`.
        votes: (n,) votes each took part in.
        k, start, scale: the settings, as in `elo`.
    """

    scores: FloatArray
    votes: IntArray
    k: float
    start: float
    scale: float


def elo(
    a: ArrayLike,
    b: ArrayLike,
    verdict: ArrayLike,
    n_models: int,
    *,
    when: ArrayLike | None = None,
    k: float = 4.0,
    start: float = 1000.0,
    scale: float = 400.0,
) -> Elo:
    """Replay N votes.

    Args:
        a, b, verdict: (N,) as in `Tallies.from_votes`.
        when: (N,) times; votes are replayed in their order, equal times in row order. Default:
            row order.
        k: most points that one vote can move; start: initial rating; scale: gap in points at which
            the odds are ten to one.

    Raises:
        BadVotesError: names the first bad row; k or scale not positive.
        NotEnoughDataError: no votes, or fewer than two models.
    """
    check_n_models(n_models)
    if not (k > 0 and scale > 0):
        raise BadVotesError(f"k={k} and scale={scale} must be positive.")
    left, right = as_indices(a, "a"), as_indices(b, "b")
    seen = as_indices(verdict, "verdict")
    check_same_length(a=left, b=right, verdict=seen)
    cells.check_votes(left, right, seen, n_models)
    order = slice(None) if when is None else _order(when, len(left))
    shares = np.asarray(LEFT_SHARE)[seen[order]]
    scores = _replay(
        left[order].tolist(), right[order].tolist(), shares.tolist(), n_models, k, scale
    )
    votes = np.bincount(left, minlength=n_models) + np.bincount(right, minlength=n_models)
    return Elo(np.asarray(scores) + start, votes.astype(np.int64), k, start, scale)


def _order(when: ArrayLike, size: int) -> IntArray:
    times = np.asarray(when)
    if times.shape != (size,):
        raise BadVotesError(f"'when' has shape {times.shape}, expected ({size},).")
    # NaN and NaT are the only values that differ from themselves.
    reject_first(np.not_equal(times, times), "when", times, "is not a time")
    return np.argsort(times, kind="stable")


def _replay(
    left: list[int], right: list[int], shares: list[float], n_models: int, k: float, scale: float
) -> list[float]:
    # Each update depends on the one before, so there is nothing to vectorise: plain lists are
    # fastest.
    scores = [0.0] * n_models
    for a, b, share in zip(left, right, shares, strict=True):
        change = k * (share - 1.0 / (1.0 + 10.0 ** ((scores[b] - scores[a]) / scale)))
        scores[a] += change
        scores[b] -= change
    return scores
