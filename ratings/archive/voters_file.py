"""`voters.csv` of an archive: what the correlation of each voter's votes adds to the uncertainty,
summed over all voters. Knows no Django.

It cannot be recounted from `votes.csv`, as nothing there shows which votes are by the same voter
(docs/decisions/0035).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core.data.arrays import FloatArray, IntArray
from ..core.uncertainty.voters import Clustering, effective_number

COLUMNS = ("first", "second", "excess")
# With fewer, the sum would tell much of a single voter, and would be too uncertain to use. There
# must be more voters than models, too, or it would say which sets of votes can be one voter's.
FEWEST_VOTERS = 20
FEWEST_EFFECTIVE = 10


def may_be_told(votes: IntArray, models: int) -> bool:
    """Whether a sum over voters with so many votes each, (V,), tells of none of them."""
    enough = len(votes) >= max(FEWEST_VOTERS, models + 1)
    return enough and effective_number(votes / votes.sum()) >= FEWEST_EFFECTIVE


def rows(found: Clustering) -> list[tuple[int, int, str]]:
    """The lower half, row by row: two models by number; a parameter of ties comes after the last
    model. What is zero is left out."""
    firsts, seconds = np.tril_indices(len(found.excess))
    excess = found.excess[firsts, seconds]
    numbers = zip(firsts.tolist(), seconds.tolist(), excess.tolist(), strict=True)
    return [(first, second, repr(value)) for first, second, value in numbers if value]


def about(found: Clustering) -> dict[str, Any]:
    """What `snapshot.json` says of it."""
    sizes = {"size": len(found.excess), "votes": found.votes}
    return {**sizes, "voters": found.voters, "effective": found.effective}


def read(about: Mapping[str, Any], lines: Sequence[Sequence[str]], models: int) -> Clustering:
    """Of so many models. Raises ValueError, KeyError, TypeError or OverflowError for anything
    else."""
    size = int(about["size"])
    if size not in (models, models + 1):
        raise ValueError(f"voters.csv cannot be of {size} if there are {models} models")
    below: FloatArray = np.zeros((size, size))
    for first, second, number in lines:
        if not 0 <= int(second) <= int(first) < size:
            raise ValueError(f"voters.csv has a row {first}, {second}")
        below[int(first), int(second)] = float(number)
    return Clustering(
        mirrored(below), float(about["votes"]), int(about["voters"]), float(about["effective"])
    )


def mirrored(below: FloatArray) -> FloatArray:
    """The symmetric matrix of a lower half."""
    full: FloatArray = below + np.tril(below, -1).T
    return full
