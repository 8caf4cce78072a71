"""Ratings compared with votes, as figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from django.utils.translation import gettext as _

from arena import plurals
from arena.plurals import counted, local

from ..archive.results import Result
from ..charts import Figure, HeatMap, Whisker, Whiskers
from ..core import RatingsError
from ..core.questions.calibration import Calibration, calibration
from ..core.questions.win_rates import WinRates, met_pairs, win_rates
from ..facts import Facts, VoteFacts
from ..presentation.sentences import percent
from . import flips, vote_figures

MOST_IN_A_MAP = 25
Row = tuple[str, ...]


def figures(result: Result, published: Facts) -> list[Figure]:
    """Figures that can be drawn come first. What is slow to compute was computed for the newest
    publication and is among its facts."""
    votes = published.votes or VoteFacts()
    made = [
        calibrated(result),
        vote_figures.over_time(votes),
        vote_figures.agreement(votes),
        vote_figures.left_side(votes),
        heat_map_of_wins(result),
        heat_map_of_votes(result),
        flips.figure(published.flips),
        shares(result),
    ]
    return sorted(made, key=lambda figure: figure.drawing is None)


def calibrated(result: Result) -> Figure:
    """Do favourites win as often as their scores say?"""
    found = _calibration(result)
    groups = calibration_groups(found) if found else []
    return Figure(
        "calibration",
        _by_pair(found) if found else _("Too few votes to check the scores against the votes."),
        _(
            "Share of the vote that favourites got (dot, with 95% interval), by the share their "
            "scores predict (name)."
        ),
        (_("Predicted"), _("Observed"), _("Lower"), _("Upper"), _("Votes")),
        [row_of(*group) for group in groups],
        "whiskers",
        Whiskers.draw([whisker_of(*group) for group in groups]) if groups else None,
        absent=_("This needs two rated models."),
        note=" ".join(_notes(found)),
    )


def _by_pair(found: Calibration) -> str:
    """Groups flatter: errors of their pairs cancel out."""
    points = {"points": local(f"{100 * found.by_pair:.1f}")}
    if np.isnan(found.chance):
        return _("Pair by pair, votes are %(points)s percentage points from their scores.") % points
    return _(
        "Pair by pair, votes are %(points)s percentage points from their scores on average; by "
        "chance alone they would be %(chance)s."
    ) % {**points, "chance": local(f"{100 * found.chance:.1f}")}


def _notes(found: Calibration | None) -> Iterator[str]:
    if found:
        yield _(
            "In groups of similar predictions, errors of single pairs cancel out: these are "
            "%(points)s points apart."
        ) % {"points": local(f"{100 * found.error:.1f}")}
    if found and not np.isnan(found.misfit):
        yield _(
            "Chi-square per degree of freedom of the pairs is %(misfit)s: about 1 if only chance "
            "keeps votes and scores apart, more if the model does not fit."
        ) % {"misfit": local(f"{found.misfit:.2f}")}
    yield _(
        "The scores come from the same votes: this shows whether the model fits, not whether it "
        "would predict new votes."
    )


def whisker_of(predicted: float, observed: float, low: float, high: float, votes: float) -> Whisker:
    middle, low, high = (round(100 * share, 1) for share in (observed, low, high))
    return Whisker(percent(predicted), middle, low, high, note=counted(round(votes), "vote"))


def row_of(predicted: float, observed: float, low: float, high: float, votes: float) -> Row:
    shares = (local(f"{100 * share:.1f}") for share in (observed, low, high))
    return (percent(predicted), *shares, local(f"{votes:,.0f}"))


def calibration_groups(found: Calibration) -> list[tuple[float, ...]]:
    columns = found.expected, found.observed, found.lower, found.upper, found.votes
    return [tuple(map(float, group)) for group in zip(*columns, strict=True)]


def _calibration(result: Result) -> Calibration | None:
    try:
        return calibration(result.tallies, result.ratings)
    except RatingsError:
        return None


def all_of(result: Result) -> list[int]:
    """Numbers of the rated models, best first."""
    return [int(i) for i in result.ratings.order]


def best_of(result: Result) -> list[int]:
    return all_of(result)[:MOST_IN_A_MAP]


def heat_map_of_wins(result: Result) -> Figure:
    best = best_of(result)
    rates = win_rates(result.tallies, best)
    names = [result.names[i] for i in best]
    surprises = count_surprises(rates)

    def share(i: int, j: int) -> float | None:
        rate = rates.rate[i, j]
        # The scale runs from a quarter to three quarters, where most pairs lie.
        return min(max(2 * float(rate) - 0.5, 0.0), 1.0) if np.isfinite(rate) else None

    def words(i: int, j: int) -> str:
        return _("%(a)s against %(b)s: %(share)s (%(low)s to %(high)s), %(votes)s") % {
            "a": names[i],
            "b": names[j],
            "share": percent(rates.rate[i, j]),
            "low": percent(rates.lower[i, j]),
            "high": percent(rates.upper[i, j]),
            "votes": counted(int(rates.votes[i, j]), "vote"),
        }

    def label(i: int, j: int) -> str:
        return f"{100 * rates.rate[i, j]:.0f}"

    return Figure(
        "win-rates",
        title_of(surprises, len(best) * (len(best) - 1) // 2),
        _(
            "Share of the vote that the row won against the column, ties half: the %(models)s best "
            "models. Orange: fewer than half; blue: more."
        )
        % {"models": len(best)},
        (_("Row"), _("Column"), _("Share"), _("Lower"), _("Upper"), _("Votes")),
        map_rows(result, best),
        "heat_map",
        HeatMap.draw(names, share, words, "around-half", label) if len(best) > 2 else None,
        absent=_("This needs three rated models."),
        every=lambda: map_rows(result, all_of(result)),
    )


def title_of(surprises: int, pairs: int) -> str:
    if not surprises:
        return _(
            "No lower-placed model is clearly ahead of one above it in their head-to-head votes."
        )
    return _("%(surprises)s of %(pairs)s pairs have the lower-placed model clearly ahead.") % {
        "surprises": surprises,
        "pairs": pairs,
    }


def count_surprises(rates: WinRates) -> int:
    return int(np.triu(rates.upper < 0.5, 1).sum())


def map_rows(result: Result, models: Sequence[int]) -> list[tuple[str, ...]]:
    """One row per pair that met, seen from the higher-ranked model."""
    met = met_pairs(result.tallies, models)
    columns = met.a, met.b, met.rate, met.lower, met.upper, met.votes
    return [
        (
            result.names[a],
            result.names[b],
            *(plurals.percent(f"{100 * share:.1f}") for share in shares),
            f"{votes:.0f}",
        )
        for a, b, *shares, votes in zip(*columns, strict=True)
    ]


def votes_of(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [(a, b, votes) for a, b, *_, votes in rows]


def heat_map_of_votes(result: Result) -> Figure:
    best = best_of(result)
    rates = win_rates(result.tallies, best)
    names = [result.names[i] for i in best]
    most = float(rates.votes.max(initial=0.0))
    pairs = len(best) * (len(best) - 1) // 2
    met = int(np.count_nonzero(np.triu(rates.votes, 1)))

    def share(i: int, j: int) -> float | None:
        votes = float(rates.votes[i, j])
        return float(np.sqrt(votes / most)) if votes else None

    def words(i: int, j: int) -> str:
        return _("%(a)s and %(b)s: %(votes)s") % {
            "a": names[i],
            "b": names[j],
            "votes": counted(int(rates.votes[i, j]), "vote"),
        }

    return Figure(
        "battles",
        _("%(met)s of %(pairs)s pairs have met; the busiest has %(votes)s.")
        % {"met": met, "pairs": pairs, "votes": counted(int(most), "vote")},
        _("Votes on each pair of the %(models)s best models; darker: more.")
        % {"models": len(best)},
        (_("Model"), _("Model"), _("Votes")),
        votes_of(map_rows(result, best)),
        "heat_map",
        HeatMap.draw(names, share, words, "count") if len(best) > 2 else None,
        absent=_("This needs three rated models."),
        every=lambda: votes_of(map_rows(result, all_of(result))),
    )


def shares(result: Result) -> Figure:
    """How matchmaking treated each organisation."""
    votes: dict[str, float] = {}
    for i, model in enumerate(result.content.models):
        votes[model["organisation"]] = votes.get(model["organisation"], 0) + result.tallies.votes[i]
    total = sum(votes.values()) or 1.0
    rows = sorted(votes.items(), key=lambda item: -item[1])
    return Figure(
        "organisations",
        _("%(organisation)s’s models took %(share)s of all places in battles.")
        % {"organisation": rows[0][0], "share": percent(rows[0][1] / total)},
        _("Share of places in battles, two per vote, by organisation."),
        (_("Organisation"), _("Share"), _("Votes")),
        [(name, plurals.percent(f"{100 * n / total:.1f}"), local(f"{n:,.0f}")) for name, n in rows],
        "table",
        rows[:12],
    )
