"""Several models lifted or sunk together: what a set of leanings makes of each vote.

A vote serves an agenda if it says which side is to win: because that side is to be lifted, or the
other to be sunk, and nothing speaks for the contrary.
"""

from __future__ import annotations

import numpy as np

from ratings.core.data.arrays import FloatArray
from ratings.core.suspicion.betting import anytime
from ratings.core.suspicion.case import Case
from ratings.core.suspicion.leaning import LIKELY, NEARLY, Lean, in_shares
from ratings.core.suspicion.record import FOR_A, Record

STANDS_OUT = 10.0  # e-value from which a leaning belongs to a voter's agenda
MOST = 6  # leanings of one


def agenda_of(leanings: dict[Lean, float]) -> list[Lean]:
    """The leanings that stand out, the strongest first."""
    found = [lean for lean, e_value in leanings.items() if e_value >= STANDS_OUT]
    return sorted(found, key=lambda lean: -leanings[lean])[:MOST]


def e_value(case: Case, leans: frozenset[Lean]) -> float:
    """That the votes serve this agenda, chosen without looking at them."""
    record, honest = case.record, np.zeros(len(case.record))
    wanted = np.zeros((2, len(record)), dtype=bool)
    for model, favours in leans & case.leanings.keys():
        judged = case.judged[model]
        is_b = record.a[judged.at] != model
        wanted[np.where(is_b == favours, 1, 0), judged.at] = True
        honest[judged.at] = np.maximum(honest[judged.at], judged.said)
    serving = wanted[0] != wanted[1]
    ratios = rigged(record, wanted[0])[serving] / honest[serving]
    return float(LIKELY @ anytime(in_shares(ratios)))


def rigged(record: Record, for_a: np.ndarray | bool) -> FloatArray:
    """(n,) chances of what was said by somebody who wants A to win, or else B."""
    results = FOR_A[record.verdict]
    found: FloatArray = np.where(for_a, NEARLY[results], NEARLY[::-1][results])
    return found


def told(case: Case, leans: list[Lean]) -> str:
    """In words: for X, against Y and Z."""
    found = []
    for which, way in (("for", True), ("against", False)):
        names = sorted(case.field.names[model] for model, favours in leans if favours is way)
        found += [f"{which} {' and '.join(names)}"] if names else []
    return ", ".join(found)
