"""`agreement`: do voters agree, is there a side bias, do the ratings predict the votes?"""

import argparse
from typing import Any

import numpy as np

from ratings.cli import plot
from ratings.cli.columns import ITEMS, VOTERS, Asked, first_of
from ratings.cli.output import note, number, write
from ratings.cli.reading import read_votes
from ratings.cli.tables import open_table
from ratings.cli.votes import Votes
from ratings.core import bradley_terry
from ratings.core.questions.agreement import krippendorff_alpha, oriented, verdict_shares
from ratings.core.questions.calibration import Calibration, calibration


def run(options: argparse.Namespace) -> None:
    """Read, measure, print."""
    plot.check(options)
    columns = open_table(options.votes).columns
    item = options.item or first_of(ITEMS, columns)
    asked = Asked(group=first_of(VOTERS, columns), item=item, strict=options.strict)
    votes = read_votes(options.votes, asked)
    fit = _fit(votes)
    write([*_verdicts(votes), *_alpha(votes), *_calibration(fit)], options.format)
    if options.plot and fit:
        plot.reliability(options.plot, fit, votes.file.label)
    elif options.plot:
        note(f"no model is rated: {options.plot} is not written.")


def _figure(name: str, value: float, lower: float, upper: float, n: int) -> dict[str, Any]:
    return {
        "figure": name,
        "value": number(value),
        "lower": number(lower),
        "upper": number(upper),
        "n": n,
    }


def _verdicts(votes: Votes) -> list[dict[str, Any]]:
    shares, none = verdict_shares(votes.verdict), float("nan")
    left = shares.left, shares.left_lower, shares.left_upper
    return [
        _figure("share of ties", shares.ties, none, none, shares.votes),
        _figure("share of both bad", shares.both_bad, none, none, shares.votes),
        _figure("left side's share of decided votes", *left, shares.decided),
    ]


def _alpha(votes: Votes) -> list[dict[str, Any]]:
    name, none = "Krippendorff's alpha of duplicate judgements", float("nan")
    if votes.item is None:
        return [_figure(name, none, none, none, 0)]
    low, high = np.minimum(votes.a, votes.b), np.maximum(votes.a, votes.b)
    same = np.unique(np.stack([votes.item, low, high]), axis=1, return_inverse=True)[1]
    if np.bincount(same).max() < 2:
        return [_figure(name, none, none, none, 0)]
    value = oriented(votes.a, votes.b, votes.verdict)
    alpha = krippendorff_alpha(same, value, voter=votes.group)
    return [_figure(name, alpha.alpha, alpha.lower, alpha.upper, alpha.judgements)]


def _fit(votes: Votes) -> Calibration | None:
    tallies = votes.tallies()
    ratings = bradley_terry(tallies)
    return calibration(tallies, ratings) if ratings.rated.any() else None


def _calibration(fit: Calibration | None) -> list[dict[str, Any]]:
    name, none = "calibration error", float("nan")
    if fit is None:
        return [_figure(name, none, none, none, 0)]
    n = int(fit.votes.sum())
    overall = [
        _figure(name, fit.error, none, none, n),
        _figure("calibration error by pair", fit.by_pair, none, none, n),
        _figure("calibration error by pair, of chance alone", fit.chance, none, none, n),
        _figure("chi-square per degree of freedom, of pairs", fit.misfit, none, none, n),
    ]
    groups = [
        _figure(f"favourite expected {fit.expected[i]:.0%}, observed", *point, int(fit.votes[i]))
        for i, point in enumerate(zip(fit.observed, fit.lower, fit.upper, strict=True))
    ]
    return [*overall, *groups]
