"""`--plot`: a result as a picture, whose title is the finding."""

import argparse
from pathlib import Path

import numpy as np

from ratings.charts import HeatMap, Linear, Point, Scatter, Whisker, Whiskers, pictures
from ratings.charts.scatter import Stroke
from ratings.cli.errors import InputError, UsageError
from ratings.cli.method import Source
from ratings.cli.output import note
from ratings.core import Ratings
from ratings.core.data.arrays import IntArray
from ratings.core.questions.calibration import Calibration
from ratings.core.questions.compare import Comparison
from ratings.core.questions.win_rates import win_rates

MOST_MODELS = 40  # in a matrix


def check(options: argparse.Namespace) -> None:
    """Raises:
    UsageError: another kind of file is asked for.
    """
    if options.plot is not None and options.plot.suffix.lower() != ".svg":
        raise UsageError(f"--plot {options.plot}: write FILE.svg.")


def board(path: Path, source: Source, ratings: Ratings) -> None:
    """Scores with their intervals."""
    if not ratings.rated.any():
        note(f"no model is rated: {path} is not written.")
        return
    whiskers = [
        Whisker(source.models[i], ratings.scores[i], ratings.lower[i], ratings.upper[i])
        for i in ratings.order
    ]
    settings = ratings.settings
    subtitle = f"Score with {settings.level:.0%} interval ({settings.covariance}), {_votes(source)}"
    unrated = [source.models[i] for i in np.flatnonzero(~ratings.rated)]
    notes = [f"Not rated: {', '.join(unrated)}."] if unrated else []
    drawing = Whiskers.draw(whiskers)
    _write(path, pictures.of_whiskers(drawing, _finding(source, ratings), subtitle, notes))


def _finding(source: Source, ratings: Ratings) -> str:
    """Which models may be the best."""
    first = [source.models[i] for i in ratings.order if ratings.rank_low[i] == 1]
    others = len(ratings.order) - len(first)
    if len(first) == 1:
        return f"{first[0]} is ahead of all {others} others"
    if not others:
        return f"The votes do not tell which of {len(first)} models is the best"
    return f"Any of {len(first)} models may be the best; {others} are behind"


def matrix(path: Path, source: Source, ratings: Ratings, pair: Comparison) -> None:
    """Win rates of the rated models, best first, those of the pair among them."""
    order = ratings.order
    shown = [*order[:MOST_MODELS]]
    shown += [i for i in (pair.a, pair.b) if i not in shown]
    met, names = win_rates(source.tallies, shown), [source.models[i] for i in shown]

    def share(i: int, j: int) -> float | None:
        return None if np.isnan(met.rate[i, j]) else float(met.rate[i, j])

    def words(i: int, j: int) -> str:
        interval = f"{met.lower[i, j]:.1%} to {met.upper[i, j]:.1%}"
        counted = f"{met.votes[i, j]:,.0f} votes"
        return f"{names[i]} against {names[j]}: {met.rate[i, j]:.1%} ({interval}) of {counted}"

    a, b = source.models[pair.a], source.models[pair.b]
    title = (
        f"{a} is expected to win {pair.probability:.0%} of votes against {b} "
        f"({pair.lower:.0%} to {pair.upper:.0%})"
    )
    subtitle = (
        f"Observed share of votes that the row won against the column, in per cent, ties as half, "
        f"{_votes(source)}"
    )
    drawing = HeatMap.draw(names, share, words, "around-half")
    _write(path, pictures.of_heat_map(drawing, title, subtitle, _undrawn(source, order, shown)))


def _undrawn(source: Source, order: IntArray, shown: list[int]) -> list[str]:
    left = [source.models[i] for i in order if i not in shown]
    return [f"Not drawn, as they are placed lower: {', '.join(left)}."] if left else []


def reliability(path: Path, fit: Calibration, name: str) -> None:
    """How often favourites win, against how often their scores say that they do."""
    ends = (100 * column for column in (fit.expected, fit.observed, fit.lower, fit.upper))
    percent = [
        Point(f"{votes:,.0f} votes", x, y, low, high, is_open=None)
        for x, y, low, high, votes in zip(*ends, fit.votes, strict=True)
    ]
    low = min(50.0, *(point.low for point in percent))
    x, y = Linear(50, 100), Linear(low, 100)
    drawing = Scatter.draw(percent, x, y, x_name="Expected, %", y_name="Observed, %", label=0)
    diagonal = Stroke(x.at(50), 100 - y.at(50), x.at(100), 100 - y.at(100))
    drawing = Scatter(
        drawing.dots, [diagonal], drawing.x_marks, drawing.y_marks, drawing.x_name, drawing.y_name
    )
    title = (
        f"Favourites win {100 * fit.error:.1f} points more or less often than expected, on average"
    )
    subtitle = f"Share of votes won by the favourite, ties as half, with 95% interval, {name}"
    _write(path, pictures.of_scatter(drawing, title, subtitle))


def _votes(source: Source) -> str:
    return f"{source.tallies.counts.sum():,.0f} votes of {source.file.label}"


def _write(path: Path, picture: str) -> None:
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--plot {path}: {error.strerror}.") from error
