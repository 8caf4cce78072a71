"""Votes to flip as a figure: how few votes hold the order of neighbours."""

from __future__ import annotations

from arena.plurals import counted

from ..charts import Figure
from ..refreshing.facts import Facts
from .vote_figures import COUNTED

SHOWN = 10
NO_NUMBER = "no number found"


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
