"""The selection probability of each pair of contestants, prepared once for many draws.

The ratings store for each pair how informative a battle of it would be; by the campaign's policy,
that becomes its weight (`policies`). A draw looks up one random number in the cumulative sums of
these weights.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .strategies import Weights

KEPT = np.dtype("<f2")  # half precision: errors below a thousandth do not matter


def packed(weights: npt.NDArray[np.floating]) -> bytes:
    """Weights of pairs in two bytes each, in proportion to the largest."""
    return bytes((weights / weights.max()).astype(KEPT).tobytes())


@dataclass(frozen=True, eq=False)
class Odds:
    """The odds of the pairs of `number` contestants, in the order (0, 1), (0, 2), ..., (1, 2), ...

    Attributes:
        sums: (number * (number - 1) / 2,), cumulative sums of the weights.
    """

    number: int
    sums: Weights

    @classmethod
    def of(cls, number: int, weights: Weights) -> Odds:
        return cls(number, np.cumsum(weights))

    @property
    def weights(self) -> Weights:
        return np.diff(self.sums, prepend=0.0)

    def without(self, pairs: Iterable[Sequence[int]]) -> Odds:
        """These odds, but of some pairs, each the lower number first, none."""
        places = [self._start(first) + second - first - 1 for first, second in pairs]
        if not places:
            return self
        weights = self.weights
        weights[places] = 0.0
        return Odds.of(self.number, weights)

    @property
    def is_empty(self) -> bool:
        """Whether there is no pair to draw."""
        return len(self.sums) == 0 or not self.sums[-1] > 0

    def draw(self, chance: float) -> tuple[int, int, float]:
        """The pair at `chance`, a random number from 0 to 1, and its selection probability."""
        below = min(chance * self.sums[-1], np.nextafter(self.sums[-1], 0.0))  # rounding reaches it
        at = int(np.searchsorted(self.sums, below, side="right"))
        before = self.sums[at - 1] if at else 0.0
        first = bisect_right(range(self.number), at, key=self._start) - 1
        second = first + 1 + at - self._start(first)
        return first, second, float((self.sums[at] - before) / self.sums[-1])

    def _start(self, first: int) -> int:
        """The index of the first pair that begins with `first`."""
        return first * (2 * self.number - first - 1) // 2


def informed(known: Sequence[int], weights: bytes, playing: Sequence[int]) -> Weights:
    """The weights of the pairs of `playing`, given those of the pairs of `known`; NaN for a pair
    without a weight yet."""
    square = np.full((len(known) + 1,) * 2, np.nan)  # the last row: unknown contestants
    square[np.triu_indices(len(known), 1)] = np.frombuffer(weights, KEPT)[: _pairs(len(known))]
    places = {key: place for place, key in enumerate(known)}
    rows = np.array([places.get(key, len(known)) for key in playing], dtype=int)
    found: Weights = np.fmax(square, square.T)[np.ix_(rows, rows)][np.triu_indices(len(rows), 1)]
    return found


def _pairs(number: int) -> int:
    return number * (number - 1) // 2


def of_pairs(known: Sequence[int], weights: bytes) -> dict[tuple[int, int], float]:
    """The stored weights, by the primary keys of each pair."""
    first, second = np.triu_indices(len(known), 1)
    pairs = zip(np.take(known, first).tolist(), np.take(known, second).tolist(), strict=True)
    return dict(zip(pairs, np.frombuffer(weights, KEPT).tolist(), strict=True))
