"""How the options of a command rate its votes or tallies."""

import argparse
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.machine import usable_cores
from ratings.cli.columns import TIMES, VOTERS, Asked, first_of
from ratings.cli.errors import InputError, UsageError
from ratings.cli.files import VotesFile
from ratings.cli.output import note
from ratings.cli.reading import read_votes
from ratings.cli.tables import open_table
from ratings.cli.tallies_file import read_tallies
from ratings.cli.votes import Votes
from ratings.core import MEAN_AT_1000, Anchor, NotRatedError, Ratings, Tallies, bradley_terry
from ratings.core.data.arrays import FloatArray
from ratings.core.data.covariates import STYLE_FEATURES, relative_differences
from ratings.core.data.errors import DependentCovariateError
from ratings.core.methods.bootstrap import bootstrap
from ratings.core.methods.elo_ratings import elo_ratings
from ratings.core.methods.style import StyleOptions, StyleRatings, style_control
from ratings.core.uncertainty.threads import MAX_THREADS, use_threads

SECONDS_PER_DAY = 86_400.0
FURTHEST_ANCHOR = 1e6  # points: farther from 0, rounding would blur the gaps between scores


@dataclass(frozen=True, eq=False)
class Source:
    """What is rated: names of the models, their tallies, and the votes (None for a tallies
    file)."""

    file: VotesFile
    models: list[str]
    tallies: Tallies
    votes: Votes | None = None

    def model(self, name: str) -> int:
        """Index of a model.

        Raises:
            InputError: no vote mentions it.
        """
        if name not in self.models:
            raise InputError(f"{self.file}: no model is called '{name}'.")
        return self.models.index(name)


def read_source(options: argparse.Namespace) -> Source:
    """Read what the options need from the file that they name.

    Raises:
        UsageError: options that cannot be combined.
        InputError: the file cannot be used.
    """
    _check(options)
    if options.tallies:
        named = read_tallies(options.tallies)
        return Source(options.tallies, named.models, named.tallies)
    elo, columns = options.method == "elo", open_table(options.votes).columns
    timed = elo and first_of(TIMES, columns)
    votes = read_votes(
        options.votes,
        Asked(
            group=options.cluster,
            style=options.style,
            when=bool(timed or options.decay is not None),
            strict=options.strict,
        ),
    )
    if elo and votes.weight is not None:
        note("Elo uses no weights; 'weight' is ignored.")
    voter = first_of(VOTERS, columns)
    if voter and not (options.cluster or elo):
        note(
            f"votes are taken as independent; --cluster {voter} takes those of one voter together."
        )
    if options.decay is not None:
        votes = votes.decayed(options.decay * SECONDS_PER_DAY)
    return Source(options.votes, votes.models, votes.tallies(), votes)


def _check(options: argparse.Namespace) -> None:
    plain = options.ties == "half" and options.interval == "sandwich"
    if options.tallies and (options.cluster or options.style or options.decay is not None):
        raise UsageError("--cluster, --style and --decay need votes, not tallies.")
    if options.style and not plain:
        raise UsageError("--style counts ties as half wins and has sandwich intervals.")
    if options.decay is not None and not options.decay > 0:
        raise UsageError(f"--decay {options.decay:g}: a half-life must be longer than 0 days.")
    if options.method != "elo":
        return
    if options.tallies:
        raise UsageError("--method elo replays votes in their order; tallies have none.")
    others = (options.cluster, options.style, options.decay, getattr(options, "anchor", None))
    if not plain or any(others):
        raise UsageError("--method elo takes none of the other options.")


def anchor(text: str | None, models: list[str]) -> Anchor:
    """Read MODEL=SCORE; without it, the mean at 1000.

    Raises:
        UsageError: not of this form; InputError: no such model.
    """
    if text is None:
        return MEAN_AT_1000
    name, separator, score = text.rpartition("=")
    try:
        value = float(score)
    except ValueError:
        value = float("nan")
    if not separator or not abs(value) <= FURTHEST_ANCHOR:
        raise UsageError(f"--anchor {text}: write MODEL=SCORE.")
    if name not in models:
        raise InputError(f"--anchor: no model is called '{name}'.")
    return Anchor(models.index(name), value)


def rate(source: Source, options: argparse.Namespace, at: Anchor = MEAN_AT_1000) -> Ratings:
    """Rate by the method that the options ask for; style coefficients go to standard error.

    Raises:
        InputError: the anchor is not rated, or there are no answers to measure the style of.
        RatingsError: the votes do not suffice for the method.
    """
    if source.votes is not None and options.method == "elo":
        return _elo(source.votes)
    try:
        ratings = _rated(source, options, at)
    except NotRatedError as error:  # the library knows indices only
        name = source.models[error.model]
        raise InputError(
            f"--anchor: '{name}' is not rated; the board without it says why."
        ) from error
    if ratings.clustering is not None:
        found = ratings.clustering
        note(f"{found.voters:,} voters, who count as {found.effective:,.1f} equally active ones.")
    return ratings


def _rated(source: Source, options: argparse.Namespace, at: Anchor) -> Ratings:
    if source.votes is not None and options.style:
        styled = _with_style(source.votes, options, at)
        if styled is not None:
            _print_style(styled)
            return styled.ratings
    return _from_tallies(source.tallies, options, at)


def _from_tallies(tallies: Tallies, options: argparse.Namespace, at: Anchor) -> Ratings:
    if options.interval == "bootstrap":
        unit: Any = "voter" if options.cluster else "vote"
        with use_threads(min(usable_cores(), MAX_THREADS)):
            return bootstrap(tallies, unit=unit, ties=options.ties, anchor=at).ratings
    kind: Any = "clustered" if options.cluster else "sandwich"
    return bradley_terry(tallies, ties=options.ties, covariance=kind, anchor=at)


def _elo(votes: Votes) -> Ratings:
    order = slice(None) if votes.when is None else np.argsort(votes.when, kind="stable")
    columns = votes.a[order], votes.b[order], votes.verdict[order]
    return elo_ratings(*columns, len(votes.models))


def _with_style(votes: Votes, options: argparse.Namespace, at: Anchor) -> StyleRatings | None:
    if votes.style is None:
        raise InputError(f"{votes.file}: no answers whose style could be counted.")
    differences = relative_differences(*votes.style)
    kept = [i for i in range(len(STYLE_FEATURES)) if _varies(differences, i)]
    while kept:
        chosen = StyleOptions(
            names=tuple(STYLE_FEATURES[i] for i in kept),
            covariance="clustered" if options.cluster else "sandwich",
            anchor=at,
        )
        try:
            return style_control(
                votes.a,
                votes.b,
                votes.verdict,
                differences[:, kept],
                len(votes.models),
                weight=votes.weight,
                voter=votes.group,
                options=chosen,
            )
        except DependentCovariateError as error:
            note(f"style: {error.name} adds nothing to the other features; it is left out.")
            kept.remove(STYLE_FEATURES.index(error.name))
    note("style: there is nothing to control for; these are the ratings without style control.")
    return None


def _varies(differences: FloatArray, feature: int) -> bool:
    if differences[:, feature].any():
        return True
    note(f"style: the answers never differ in {STYLE_FEATURES[feature]}; it is left out.")
    return False


def _print_style(styled: StyleRatings) -> None:
    # Only the leaderboard goes to standard output, so that it can be piped.
    for i, name in enumerate(styled.names):
        interval = f"{styled.lower[i]:.4f} to {styled.upper[i]:.4f}"
        print(f"style: {name} {styled.coefficients[i]:.4f} ({interval})", file=sys.stderr)
