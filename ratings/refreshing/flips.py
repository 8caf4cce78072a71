"""Votes to flip: how few votes hold the order of neighbours.

Each pair takes a dozen ratings of the other votes, so all of it is counted once a publication, on
the background worker, and kept with it.
"""

from __future__ import annotations

import numpy as np

from ..archive.results import Result
from ..core import RatingsError
from ..core.questions.fragility import fragility
from .facts import Facts

# Each pair takes a dozen ratings, whose work grows with the cube of the models: so much of it is
# done, which is every pair of a hundred and seventy models, and one pair of a thousand.
WORK = 1_000**3


def of(result: Result) -> Facts:
    """All votes, and those between each two neighbours, best first, as many of them as can be
    counted; None where no number was found."""
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
