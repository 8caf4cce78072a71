"""Votes to flip as a figure: how few votes hold the order of neighbours."""

from __future__ import annotations

from arena.plurals import counted

from ..charts import Figure
from ..facts import Flips
from .vote_figures import COUNTED

SHOWN = 10
NO_NUMBER = "no number found"


def figure(flips: Flips | None) -> Figure:
    pairs = flips.pairs if flips else ()
    shown = [row(*pair) for pair in pairs[:SHOWN]]
    return Figure(
        "votes-to-flip",
        title(flips),
        f"How many votes must be removed to swap neighbours: the first {len(shown)} pairs.",
        ("Above", "Below", "Votes to flip"),
        shown,
        "table",
        shown or None,
        absent=too_many(flips.models)
        if flips and flips.models
        else "They are counted when the board is next published, once two models are rated.",
        note="An upper bound: rating the remaining votes again shows that so many are enough; "
        f"fewer might be. {COUNTED}",
        every=lambda: [row(*pair) for pair in pairs],
    )


def row(above: str, below: str, votes: int | None) -> tuple[str, str, int | str]:
    return above, below, NO_NUMBER if votes is None else votes


def too_many(models: int) -> str:
    return f"The board has {models:,} models; votes to flip are counted for up to 1,000."


def title(flips: Flips | None) -> str:
    if flips is None:
        return "Votes to flip are not counted yet."
    if flips.models:
        return "There are too many models here to count votes to flip."
    if not flips.pairs:
        return "There are no neighbours to swap yet."
    first, second, votes = flips.pairs[0]
    if votes is None:
        return f"No number of votes was found whose removal would put {second} ahead of {first}."
    return f"Without {votes:,} of {counted(flips.votes, 'vote')}, {second} would be first."
