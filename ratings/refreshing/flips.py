"""Votes to flip: how few votes hold the order of neighbours.

Each pair takes a dozen ratings of the other votes, so all of it is counted once a publication, on
the background worker, and kept with it.
"""

from __future__ import annotations

import numpy as np

from arena.plurals import counted

from ..archive.results import Result
from ..charts import Figure
from ..core import RatingsError
from ..core.questions.fragility import fragility
from ..findings.vote_figures import COUNTED
from .facts import Facts

SHOWN = 10
# Each pair takes a dozen ratings, whose work grows with the cube of the models: so much of it is
# done, which is every pair of a hundred and seventy models, and one pair of a thousand.
WORK = 1_000**3
NO_NUMBER = "no number found"


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


def figure(flips: Facts) -> Figure:
    pairs = flips.get("pairs", [])
    shown = [row(*pair) for pair in pairs[:SHOWN]]
    return Figure(
        "votes-to-flip",
        title(flips),
        "How many votes, had they not been cast, would swap neighbours: the first "
        f"{len(shown)} pairs.",
        ("Above", "Below", "Votes to flip"),
        shown,
        "table",
        shown or None,
        absent=too_many(flips["models"])
        if "models" in flips
        else "They are counted when the board is next published, once two models are rated.",
        note="An upper bound: that many are enough, as rating the other votes again shows; fewer "
        f"might be. {COUNTED}",
        every=lambda: [row(*pair) for pair in pairs],
    )


def row(above: str, below: str, votes: int | None) -> tuple[str, str, int | str]:
    return above, below, NO_NUMBER if votes is None else votes


def too_many(models: int) -> str:
    return f"The board has {models:,} models; votes to flip are counted of up to 1,000."


def title(flips: Facts) -> str:
    if not flips:
        return "Votes to flip are not counted yet."
    if "models" in flips:
        return "There are too many models here to count votes to flip."
    if not flips["pairs"]:
        return "There are no neighbours to swap yet."
    first, second, votes = flips["pairs"][0]
    if votes is None:
        return f"No number of votes was found without which {second} would be ahead of {first}."
    return f"Without {votes:,} of {counted(flips['votes'], 'vote')}, {second} would be first."
