"""`rate`: a leaderboard."""

import argparse
import sys
from typing import Any

import numpy as np

from ratings.cli.errors import InputError
from ratings.cli.output import number, write
from ratings.cli.tallies_file import read_tallies
from ratings.cli.votes import Votes, read_votes
from ratings.core import MEAN_AT_1000, Anchor, Ratings, Status, Tallies, bradley_terry
from ratings.core.bootstrap import bootstrap
from ratings.core.covariates import STYLE_FEATURES, relative_differences
from ratings.core.style import StyleOptions, StyleRatings, style_control

WHY_NOT_RATED = {
    Status.NO_VOTES: "no votes",
    Status.ONLY_WINS: "only wins against the rated",
    Status.ONLY_LOSSES: "only losses against the rated",
    Status.OTHER_COMPONENT: "never met the rated",
    Status.NOT_ENOUGH_DATA: "not enough data",
    Status.SPLIT: "no group is the largest",
}


class UsageError(Exception):
    """Options that do not go together."""


def run(options: argparse.Namespace) -> None:
    """Read, rate, print."""
    _check(options)
    if options.tallies:
        named = read_tallies(options.tallies)
        models, ratings = named.models, _rate(named.tallies, named.models, options)
    else:
        votes = read_votes(options.votes, group=options.cluster, style=options.style)
        models = votes.models
        if options.style:
            styled = _rate_with_style(votes, options)
            ratings = styled.ratings
            _print_style(styled)
        else:
            ratings = _rate(votes.tallies(), models, options)
    if not ratings.rated.any():
        print("ratings: no two models can be rated yet.", file=sys.stderr)
    write(rows(ratings, models, in_words=options.format == "table"), options.format)


def _check(options: argparse.Namespace) -> None:
    if options.tallies and (options.cluster or options.style):
        raise UsageError("--cluster and --style need votes, not tallies.")
    if options.style and (options.ties != "half" or options.interval != "sandwich"):
        raise UsageError("--style counts ties as half wins and has sandwich intervals.")


def _rate(tallies: Tallies, models: list[str], options: argparse.Namespace) -> Ratings:
    anchor = _anchor(options.anchor, models)
    if options.interval == "bootstrap":
        unit: Any = "voter" if options.cluster else "vote"
        return bootstrap(tallies, unit=unit, ties=options.ties, anchor=anchor).ratings
    kind: Any = "clustered" if options.cluster else "sandwich"
    return bradley_terry(tallies, ties=options.ties, covariance=kind, anchor=anchor)


def _rate_with_style(votes: Votes, options: argparse.Namespace) -> StyleRatings:
    if votes.style is None:
        raise InputError(f"{votes.path}: no answers to count the style of.")
    differences = relative_differences(*votes.style)
    varies = differences.any(axis=0)
    chosen = StyleOptions(
        names=tuple(np.array(STYLE_FEATURES)[varies].tolist()),
        covariance="clustered" if options.cluster else "sandwich",
        anchor=_anchor(options.anchor, votes.models),
    )
    return style_control(
        votes.a,
        votes.b,
        votes.verdict,
        differences[:, varies],
        len(votes.models),
        weight=votes.weight,
        voter=votes.group,
        options=chosen,
    )


def _anchor(text: str | None, models: list[str]) -> Anchor:
    if text is None:
        return MEAN_AT_1000
    name, separator, score = text.rpartition("=")
    try:
        value = float(score)
    except ValueError:
        value = float("nan")
    if not separator or not np.isfinite(value):
        raise UsageError(f"--anchor {text}: write MODEL=SCORE.")
    if name not in models:
        raise InputError(f"--anchor: no model is called '{name}'.")
    return Anchor(models.index(name), value)


def _print_style(styled: StyleRatings) -> None:
    # The leaderboard alone goes to standard output, so that it can be piped.
    for i, name in enumerate(styled.names):
        interval = f"{styled.lower[i]:.4f} to {styled.upper[i]:.4f}"
        print(f"style: {name} {styled.coefficients[i]:.4f} ({interval})", file=sys.stderr)


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
    if in_words:
        return {**row, "": why_not_rated(ratings, i)}
    status = Status(ratings.status[i]).name.lower()
    return {**row, "status": status, "component": int(ratings.component[i])}


def why_not_rated(ratings: Ratings, i: int) -> str:
    """In a few words; empty for a model that is rated."""
    words = WHY_NOT_RATED.get(Status(ratings.status[i]), "")
    if not ratings.rated.any():  # then there are no rated ones to have won against
        words = words.removesuffix(" against the rated")
    if words == "no votes" and ratings.votes[i]:
        words = "no votes of any weight"
    if ratings.component.max() > 1 and words and ratings.component[i]:
        words += f" (component {ratings.component[i]})"
    return words
