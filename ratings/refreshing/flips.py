"""Votes to flip: how few votes decide the order of neighbours.

Each pair takes a dozen refits, so this is computed once per publication, on the background worker,
and stored with it.
"""

from __future__ import annotations

import numpy as np

from ..archive.results import Result
from ..core import RatingsError
from ..core.questions.fragility import fragility
from .facts import Facts

# Each pair takes a dozen refits, whose cost is cubic in the number of models. This budget covers
# every pair of a hundred and seventy models, and one pair of a thousand.
WORK = 1_000**3


def of(result: Result) -> Facts:
    """The number of all votes, and the votes to flip each pair of neighbours, best first, as far as
    the budget allows; None where the search found none."""
    models = max(1, int(result.ratings.rated.sum()))
    most = WORK // models**3
    if not most:
        return {"votes": int(result.tallies.n_votes), "pairs": [], "models": models}
    try:
        found = fragility(result.tallies, top=most)
    except RatingsError:
        return {}
    pairs = [
        [result.names[above], result.names[below], int(votes) if np.isfinite(votes) else None]
        for above, below, votes in zip(found.above, found.below, found.votes, strict=True)
    ]
    return {"votes": int(result.tallies.n_votes), "pairs": pairs}
