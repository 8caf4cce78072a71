"""`votes.csv` of an archive: every single vote in the order cast. Knows no Django.

A vote names two models by number, the side the voter preferred, the day, and, when it was left out
of the count, why; for a board with style control, also the style counts of both answers, where
their texts are known. Nothing shows which votes are by the same voter.
"""

from __future__ import annotations

import csv
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ..core import Tallies, Verdict
from ..core.data.arrays import IntArray
from ..core.data.covariates import STYLE_FEATURES

VOTE = ("left", "right", "verdict", "day", "left_out")
STYLE = tuple(f"{side}_{feature}" for side in ("left", "right") for feature in STYLE_FEATURES)
UNKNOWN = [-1] * len(STYLE)
OUTCOMES = {verdict.name: int(verdict) for verdict in Verdict}


@dataclass(frozen=True, eq=False)
class Votes:
    """The counted votes: left, right and verdict (N,); style (N, 8), as `STYLE`, -1 where unknown,
    or (0, 8) for a file without it. And how many votes were left out, by reason."""

    left: IntArray
    right: IntArray
    verdict: IntArray
    style: IntArray
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

    def with_style(self) -> Votes:
        """The votes whose style is known."""
        rows = np.flatnonzero(self.style[:, 0] >= 0)
        left, right, verdict = (each[rows] for each in (self.left, self.right, self.verdict))
        return replace(self, left=left, right=right, verdict=verdict, style=self.style[rows])


def read(lines: Iterable[str]) -> Votes:
    """Raises ValueError or KeyError for any other file. Memory: 12 bytes a vote, 44 with style."""
    left, right, verdict, style = array("i"), array("i"), array("i"), array("i")
    left_out: Counter[str] = Counter()
    rows = csv.reader(lines)
    header = tuple(next(rows, ()))
    if header not in (VOTE, VOTE + STYLE):
        raise ValueError(f"votes.csv does not begin with {','.join(VOTE)}")
    more = len(header) - len(VOTE)
    for a, b, said, _, reason, *counts in rows:
        if len(counts) != more:
            raise ValueError(f"a line of votes.csv does not have {len(header)} values")
        if reason:
            left_out[reason] += 1
            continue
        left.append(int(a))
        right.append(int(b))
        verdict.append(OUTCOMES[said])
        style.extend(map(int, counts) if all(counts) else UNKNOWN)
    table = np.array(style).reshape(-1, len(STYLE))
    return Votes(np.array(left), np.array(right), np.array(verdict), table, dict(left_out))
