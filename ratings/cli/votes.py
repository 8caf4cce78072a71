"""A file of votes as integer arrays."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import numpy as np

from ratings.cli.files import VotesFile
from ratings.core import Tallies
from ratings.core.data.arrays import FloatArray, IntArray
from ratings.core.data.validation import LIGHTEST
from ratings.core.data.weights import decay_weights


class Codes:
    """Integer codes for values, in order of appearance; values with the same text (1 and "1") are
    equal."""

    def __init__(self) -> None:
        self._index: defaultdict[str, int] = defaultdict(count().__next__)

    def encode(self, values: Sequence[Any]) -> IntArray:
        return np.fromiter(map(self._index.__getitem__, map(str, values)), np.int64, len(values))

    @property
    def names(self) -> list[str]:
        return list(self._index)


@dataclass(frozen=True, eq=False)
class Votes:
    """N votes.

    Attributes:
        file: where they came from; models: names by index.
        a, b, verdict: (N,) integers as the library needs them.
        weight: (N,) or None when the file has no such column.
        when: (N,) seconds since 1970, when asked for.
        group: (N,) codes of the requested column, and their names, or None. A vote with an empty
            value is a group of its own.
        item: the same for the column that identifies what was judged.
        style: (N, 4) counts of the left and of the right answers, when asked for.
    """

    file: VotesFile
    models: list[str]
    a: IntArray
    b: IntArray
    verdict: IntArray
    weight: FloatArray | None = None
    when: FloatArray | None = None
    group: IntArray | None = None
    group_names: list[str] = field(default_factory=list)
    item: IntArray | None = None
    style: tuple[FloatArray, FloatArray] | None = None

    def tallies(self) -> Tallies:
        return Tallies.from_votes(
            self.a, self.b, self.verdict, len(self.models), weight=self.weight, voter=self.group
        )

    def decayed(self, half_life: float) -> "Votes":
        """Halve the weight of votes for each half-life, in seconds, of their age."""
        if self.when is None:
            return self
        weight = decay_weights(self.when, half_life)
        if self.weight is not None:
            weight = np.where(self.weight * weight < LIGHTEST, 0.0, self.weight * weight)
        return replace(self, weight=weight)
