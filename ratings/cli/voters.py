"""`voters`: voters who vote unlike the others, and each voter's influence on the board."""

import argparse
from dataclasses import replace
from typing import Any

import numpy as np

from ratings.cli.columns import VOTERS, Asked, first_of
from ratings.cli.output import number, write
from ratings.cli.reading import read_votes
from ratings.cli.tables import open_table
from ratings.core import bradley_terry
from ratings.core.questions.voter_anomaly import voter_anomalies
from ratings.core.questions.voter_influence import voter_influence


def run(options: argparse.Namespace) -> None:
    """Read, test, print the most suspicious first."""
    voter = options.cluster or first_of(VOTERS, open_table(options.votes).columns) or VOTERS[0]
    asked = Asked(group=voter, strict=options.strict)
    votes = replace(read_votes(options.votes, asked), weight=None)
    tallies = votes.tallies()
    found = voter_anomalies(tallies)
    moved = voter_influence(tallies) if bradley_terry(tallies).rated.any() else None

    def row(i: int) -> dict[str, Any]:
        model = int(found.model[i])
        return {
            "voter": votes.group_names[i],
            "votes": int(found.votes[i]),
            "flagged": bool(found.flagged[i]),
            "p_value": number(found.p_value[i]),
            "tendency": ("for" if found.favours[i] else "against") if model >= 0 else "",
            "model": votes.models[model] if model >= 0 else "",
            "moves_points": number(moved.shift[i]) if moved else None,
            "of_model": votes.models[moved.model[i]] if moved and moved.model[i] >= 0 else "",
            "swaps": int(moved.swaps[i]) if moved else None,
        }

    write([row(int(i)) for i in np.argsort(found.p_value, kind="stable")], options.format)
