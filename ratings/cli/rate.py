"""`rate`: a leaderboard."""

import argparse
import sys
from typing import Any

import numpy as np

from ratings.cli import plot
from ratings.cli.method import anchor, rate, read_source
from ratings.cli.output import number, write
from ratings.core import Ratings, Status

WHY_NOT_RATED = {
    Status.NO_VOTES: "no votes",
    Status.ONLY_WINS: "only wins against rated models",
    Status.ONLY_LOSSES: "only losses against rated models",
    Status.OTHER_COMPONENT: "never met a rated model",
    Status.NOT_ENOUGH_DATA: "not enough data",
    Status.SPLIT: "no group is the largest",
}


def run(options: argparse.Namespace) -> None:
    """Read, rate, print."""
    plot.check(options)
    source = read_source(options)
    ratings = rate(source, options, anchor(options.anchor, source.models))
    if not ratings.rated.any():
        split = (ratings.status == Status.SPLIT).any()
        why = (
            "no group of models is larger than the others"
            if split
            else "no two can be compared yet"
        )
        print(f"ratings: no model is rated: {why}.", file=sys.stderr)
    write(rows(ratings, source.models, in_words=options.format == "table"), options.format)
    if options.plot:
        plot.board(options.plot, source, ratings)


def rows(ratings: Ratings, models: list[str], *, in_words: bool) -> list[dict[str, Any]]:
    """One row a model, best first, those without a score last."""
    unrated = np.flatnonzero(~ratings.rated)
    last = unrated[np.argsort(-np.nan_to_num(ratings.win_rate[unrated], nan=-1.0), kind="stable")]
    return [
        _row(ratings, models, int(i), in_words=in_words)
        for i in np.concatenate([ratings.order, last])
    ]


def _row(ratings: Ratings, models: list[str], i: int, *, in_words: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "model": models[i],
        "score": number(ratings.scores[i]),
        "lower": number(ratings.lower[i]),
        "upper": number(ratings.upper[i]),
        "rank_low": int(ratings.rank_low[i]) or None,
        "rank_high": int(ratings.rank_high[i]) or None,
        "rank_ub": int(ratings.rank_ub[i]) or None,
        "votes": int(ratings.votes[i]),
        "win_rate": number(ratings.win_rate[i]),
    }
    tier = int(ratings.tier[i]) or None
    if in_words:
        return {**row, "tier": tier, "": why_not_rated(ratings, i)}
    status = Status(ratings.status[i]).name.lower()
    return {**row, "status": status, "component": int(ratings.component[i]), "tier": tier}


def why_not_rated(ratings: Ratings, i: int) -> str:
    """The reason in a few words; empty for a rated model."""
    words = WHY_NOT_RATED.get(Status(ratings.status[i]), "")
    if not ratings.rated.any():  # then there are no rated ones to have won against
        words = words.removesuffix(" against rated models")
    if words == "no votes" and ratings.votes[i]:
        words = "no votes of any weight"
    if ratings.component.max() > 1 and words and ratings.component[i]:
        words += f" (component {ratings.component[i]})"
    return words
