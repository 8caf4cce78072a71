"""`compare`: two models side by side."""

import argparse
from typing import Any

import numpy as np

from ratings.cli.output import number, write
from ratings.cli.votes import read_votes
from ratings.core import bradley_terry
from ratings.core.compare import compare
from ratings.core.matchmaking import votes_needed
from ratings.core.win_rates import win_rates


def run(options: argparse.Namespace) -> None:
    """Read, rate, compare, print."""
    votes = read_votes(options.votes)
    a, b = votes.model(options.model_a), votes.model(options.model_b)
    tallies = votes.tallies()
    ratings = bradley_terry(tallies)
    result, met = compare(ratings, a, b), win_rates(tallies)
    needed = votes_needed(ratings, a, b)
    row: dict[str, Any] = {
        "model_a": options.model_a,
        "model_b": options.model_b,
        "score_gap": result.gap,
        "gap_lower": result.gap_lower,
        "gap_upper": result.gap_upper,
        "p_a_beats_b": result.probability,
        "p_lower": result.lower,
        "p_upper": result.upper,
        "votes_on_pair": int(met.votes[a, b]),
        "observed_win_rate": number(met.rate[a, b]),
        "votes_needed": int(needed) if np.isfinite(needed) else None,
    }
    if options.format == "table":
        lines = [{"": name.replace("_", " "), " ": value} for name, value in row.items()]
        write(lines, "table")
    else:
        write([row], options.format)
