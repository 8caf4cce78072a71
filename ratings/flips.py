"""Votes to flip: how few votes hold the order of neighbours.

Each pair takes a dozen ratings of the other votes, so all of it is counted once a publication, on
the background worker, and kept with it.
"""

from __future__ import annotations

import numpy as np

from arena.plurals import counted

from .charts import Figure
from .core import RatingsError
from .core.fragility import fragility
from .facts import Facts
from .results import Result
from .vote_figures import COUNTED

SHOWN = 10
NO_NUMBER = "no number found"


def of(result: Result) -> Facts:
    """All votes, and those between each two neighbours, best first; None where no number was
    found."""
    try:
        found = fragility(result.tallies)
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
        absent="They are counted when the board is next published, once two models are rated.",
        note="An upper bound: that many are enough, as rating the other votes again shows; fewer "
        f"might be. {COUNTED}",
        every=lambda: [row(*pair) for pair in pairs],
    )


def row(above: str, below: str, votes: int | None) -> tuple[str, str, int | str]:
    return above, below, NO_NUMBER if votes is None else votes


def title(flips: Facts) -> str:
    if not flips:
        return "Votes to flip are not counted yet."
    if not flips["pairs"]:
        return "There are no neighbours to swap yet."
    first, second, votes = flips["pairs"][0]
    if votes is None:
        return f"No number of votes was found without which {second} would be ahead of {first}."
    return f"Without {votes:,} of {counted(flips['votes'], 'vote')}, {second} would be first."
