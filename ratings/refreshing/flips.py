"""Votes to flip: how few votes decide the order of neighbours.

Each pair takes a dozen refits, so this is computed once per publication, on the background worker,
and stored with it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..archive.results import Result
from ..core import RatingsError
from ..core.questions.fragility import Fragility, fragility
from ..facts import Flip, Flips

# Each pair takes a dozen refits, whose cost is cubic in the number of models. This budget covers
# every pair of a hundred and seventy models, and one pair of a thousand.
WORK = 1_000**3


def of(result: Result) -> Flips | None:
    """The number of all votes, and the votes to flip each pair of neighbours, best first, as far as
    the budget allows; None where the search found none."""
    models = max(1, int(result.ratings.rated.sum()))
    most, votes = WORK // models**3, int(result.tallies.n_votes)
    if not most:
        return Flips(votes, models=models)
    try:
        found = fragility(result.tallies, top=most)
    except RatingsError:
        return None
    return Flips(votes, tuple(_pairs(result, found)))


def _pairs(result: Result, found: Fragility) -> Iterator[Flip]:
    for above, below, votes in zip(found.above, found.below, found.votes, strict=True):
        flip = int(votes) if np.isfinite(votes) else None
        yield Flip(result.names[above], result.names[below], flip)
