"""`votes.csv` of an archive: every single vote in the order cast. Knows no Django.

A vote names two models by number, the side the voter preferred, the day, and, when it was left out
of the count, why. Nothing tells which votes are of one person.
"""

from __future__ import annotations

import csv
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .core import Tallies, Verdict
from .core.arrays import IntArray

VOTE = ("left", "right", "verdict", "day", "left_out")
OUTCOMES = {verdict.name: int(verdict) for verdict in Verdict}


@dataclass(frozen=True, eq=False)
class Votes:
    """The counted ones, (N,) each, and how many were left out for which reason."""

    left: IntArray
    right: IntArray
    verdict: IntArray
    left_out: dict[str, int]

    def tallies(self, n_models: int) -> dict[tuple[int, int], tuple[int, ...]]:
        """First wins, second wins, ties and both bad of each pair that was voted on."""
        if not len(self.left):
            return {}
        summed = Tallies.from_votes(self.left, self.right, self.verdict, n_models)
        return {
            (int(first), int(second)): tuple(round(count) for count in counts)
            for (first, second), counts in zip(summed.pairs, summed.counts, strict=True)
        }


def read(lines: Iterable[str]) -> Votes:
    """Raises ValueError or KeyError for what is no such file. Memory: 12 bytes a vote."""
    left, right, verdict = array("i"), array("i"), array("i")
    left_out: Counter[str] = Counter()
    rows = csv.reader(lines)
    if tuple(next(rows, ())) != VOTE:
        raise ValueError(f"votes.csv does not begin with {','.join(VOTE)}")
    for a, b, said, _, reason in rows:
        if reason:
            left_out[reason] += 1
        else:
            left.append(int(a))
            right.append(int(b))
            verdict.append(OUTCOMES[said])
    return Votes(np.array(left), np.array(right), np.array(verdict), dict(left_out))
