"""Weights for votes that should not all count the same."""

import numpy as np
from numpy.typing import ArrayLike

from ratings.core.data.arrays import FloatArray
from ratings.core.data.errors import BadVotesError, NotEnoughDataError
from ratings.core.data.validation import as_floats, reject_first

FORGOTTEN = 1e-9


def importance_weights(probability: ArrayLike) -> FloatArray:
    """Weights 1 / P(pair was drawn), scaled to mean 1, for votes under adaptive matchmaking.

    They make the ratings estimate those of an arena that draws all pairs with equal probability
    (Chiang et al., "Chatbot Arena", ICML 2024, section 4). The probability has to be the one logged
    when the pair was drawn.

    Args:
        probability: (N,) selection probabilities in (0, 1].

    Raises:
        BadVotesError: names the first value outside (0, 1].
        NotEnoughDataError: no votes.
    """
    drawn = _column(probability, "probability")
    reject_first(~((drawn > 0) & (drawn <= 1)), "probability", drawn, "is not in (0, 1]")
    weights = 1.0 / drawn
    return weights / float(weights.mean())


def decay_weights(when: ArrayLike, half_life: float, now: float | None = None) -> FloatArray:
    """Weights that halve with every `half_life` a vote is older than `now`.

    A weight below a billionth, after thirty half-lives, is set to 0.

    Args:
        when: (N,) times of the votes, in any unit; half_life: in the same unit.
        now: the time with weight 1; default the newest vote.

    Raises:
        BadVotesError: names the first time that is not finite or later than `now`; a half-life
            that is not positive.
        NotEnoughDataError: no votes.
    """
    times = _column(when, "when")
    if not half_life > 0:
        raise BadVotesError(f"half_life={half_life} is not positive.")
    reject_first(~np.isfinite(times), "when", times, "is not a finite time")
    newest = float(times.max()) if now is None else float(now)
    reject_first(times > newest, "when", times, f"is later than now={newest}")
    decayed: FloatArray = np.exp2((times - newest) / half_life)
    return np.where(decayed < FORGOTTEN, 0.0, decayed)


def _column(values: ArrayLike, name: str) -> FloatArray:
    column = as_floats(values, name)
    if column.ndim != 1:
        raise BadVotesError(f"'{name}' must have one dimension, not {column.ndim}.")
    if column.size == 0:
        raise NotEnoughDataError("There are no votes.")
    return column
