"""`compare`: two models side by side."""

import argparse
from typing import Any

import numpy as np

from ratings.cli import plot
from ratings.cli.errors import InputError
from ratings.cli.method import rate, read_source
from ratings.cli.output import number, write
from ratings.cli.rate import why_not_rated
from ratings.core.questions.compare import compare
from ratings.core.questions.matchmaking import votes_needed
from ratings.core.questions.win_rates import win_rates


def run(options: argparse.Namespace) -> None:
    """Read, rate, compare, print."""
    plot.check(options)
    source = read_source(options)
    name_a, name_b = options.models
    a, b = source.model(name_a), source.model(name_b)
    if a == b:
        raise InputError(f"'{name_a}' cannot be compared with itself.")
    ratings, met = rate(source, options), win_rates(source.tallies, [a, b])
    for model in (a, b):
        if not ratings.rated[model]:
            why = why_not_rated(ratings, model)
            raise InputError(f"'{source.models[model]}' cannot be compared: {why}.")
    result, needed = compare(ratings, a, b), votes_needed(ratings, a, b)
    row: dict[str, Any] = {
        "model_a": name_a,
        "model_b": name_b,
        "score_gap": result.gap,
        "gap_lower": result.gap_lower,
        "gap_upper": result.gap_upper,
        "p_a_beats_b": result.probability,
        "p_lower": result.lower,
        "p_upper": result.upper,
        "votes_on_pair": int(met.votes[0, 1]),
        "observed_win_rate": number(met.rate[0, 1]),
        "votes_needed": int(needed) if np.isfinite(needed) else None,
    }
    if options.format == "table":
        lines = [{"": name.replace("_", " "), " ": value} for name, value in row.items()]
        write(lines, "table")
    else:
        write([row], options.format)
    if options.plot:
        plot.matrix(options.plot, source, ratings, result)
