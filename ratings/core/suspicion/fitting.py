"""The fitted model that a voter's verdicts are compared with: everybody's votes but the voter's."""

import numpy as np

from ratings.core.data.arrays import FloatArray, IntArray
from ratings.core.data.errors import RatingsError
from ratings.core.data.tallies import Tallies
from ratings.core.methods.bradley_terry import bradley_terry
from ratings.core.suspicion.record import Record

TIE = -0.5  # where none can be fitted: a quarter of the votes between equals are ties
DRAWS = 50  # of the simulation of ranks, which nobody reads here
LEAST, SHARE = 5, 0.005  # votes, and their share of all, below which own votes change nothing


def fitted(rows: IntArray, models: int) -> tuple[FloatArray, float]:
    """Scores and the parameter of Davidson's model, from (P, 6) pairs and counts of their four
    verdicts. Scores are NaN where votes are too few."""
    try:
        tallies = Tallies.from_counts(rows[:, :2], rows[:, 2:], models)
        found = bradley_terry(tallies, ties="davidson", draws=DRAWS)
    except RatingsError:
        return np.full(models, np.nan), TIE
    return found.scores, TIE if found.tie_parameter is None else found.tie_parameter


def without(rows: IntArray, record: Record) -> IntArray:
    """The rows (each pair once, the smaller number first) without these votes, if they are a part
    that matters: whoever cast most votes on a model would be compared with themselves."""
    if len(record) < max(LEAST, SHARE * rows[:, 2:].sum()):
        return rows
    left = rows.copy()
    place = {(int(first), int(second)): i for i, (first, second) in enumerate(rows[:, :2])}
    for a, b, verdict in zip(record.a, record.b, record.verdict, strict=True):
        row = place.get((min(a, b), max(a, b)))
        column = 2 + (1 - verdict if a > b and verdict < 2 else verdict)
        if row is not None and left[row, column] > 0:
            left[row, column] -= 1
    return left
