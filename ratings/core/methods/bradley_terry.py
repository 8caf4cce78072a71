"""Bradley-Terry ratings from tallies, with uncertainty.

Bradley and Terry, "Rank analysis of incomplete block designs", Biometrika 39 (1952): each model
has a strength, and the odds of a win are the ratio of strengths. Scores are on the Elo scale.
"""

from dataclasses import replace

import numpy as np

from ratings.core.data.arrays import FloatArray
from ratings.core.data.errors import TOO_FAR_APART, ConvergenceError, NotEnoughDataError
from ratings.core.data.graph import Status
from ratings.core.data.scale import MEAN_AT_1000, Anchor
from ratings.core.data.tallies import BothBadReading, Tallies, merge_verdicts
from ratings.core.data.validation import check_can_be_rated
from ratings.core.fit.fitting import RatedFit, fit_rated
from ratings.core.fit.newton import Fit
from ratings.core.methods.ratings import (
    CovarianceKind,
    Ratings,
    Settings,
    TieReading,
    check_settings,
)
from ratings.core.methods.report import report, report_nothing_rated
from ratings.core.uncertainty.covariance import (
    clustered_covariance,
    clustering_of,
    model_covariance,
    sandwich_covariance,
)
from ratings.core.uncertainty.voters import Clustering

# Above this standard error, in natural-log units, rounding errors show in the score.
LOOSEST = 1e6


def bradley_terry(
    tallies: Tallies,
    *,
    ties: TieReading = "half",
    both_bad: BothBadReading = "tie",
    covariance: CovarianceKind = "sandwich",
    level: float = 0.95,
    anchor: Anchor = MEAN_AT_1000,
    draws: int = 4000,
    seed: int = 0,
) -> Ratings:
    """Rate the models by maximum likelihood (see `Settings` for the arguments).

    Models that cannot be put on the common scale get a `Status` and a NaN score; those that only
    won or only lost against rated models get a one-sided bound. When no two models have beaten each
    other, directly or through others, or when no component is the largest (see `statuses`), nobody
    is rated: every score is NaN.

    Raises:
        NotEnoughDataError: 'clustered' with fewer than two voters, or a tie model whose parameter
            is not identifiable.
        ConvergenceError: the votes determine a score too weakly for double precision.
        NotRatedError: the anchor has no score.
        RatingsError: unknown option, level outside (0, 1), or too many models.
    """
    return _rate(tallies, Settings(ties, both_bad, covariance, level, anchor, draws, seed))


def clustered_as(tallies: Tallies, settings: Settings, known: Clustering) -> Ratings:
    """Rate like `bradley_terry` with covariance='clustered', from tallies without voters: by what
    was found before, on these votes or most of them. The others count as by a voter of their own
    each.

    Args:
        known: `Ratings.clustering` of the same models, in the same order.
    """
    chosen = replace(settings, covariance="clustered")
    return _rate(tallies, chosen, known.scaled(tallies.n_votes))


def _rate(tallies: Tallies, settings: Settings, known: Clustering | None = None) -> Ratings:
    check_settings(settings)
    check_can_be_rated(tallies.n_models)
    outcomes = merge_verdicts(tallies.weights, settings.both_bad)
    rated = fit_rated(tallies.pairs, outcomes, tallies.n_models, settings.ties)
    if rated.fit is None:
        return report_nothing_rated(tallies, rated.status, settings)
    squares = rated.rows(merge_verdicts(tallies.squares, settings.both_bad))
    if settings.covariance != "clustered":
        spread = _covariance(rated.fit, squares, settings)
        return report(tallies, rated.fit, rated.status, spread, settings)
    if known is None:
        known = _clustering(tallies, rated, rated.fit, squares, settings.both_bad)
    spread = _clustered(rated, rated.fit, squares, known, settings.level)
    return replace(report(tallies, rated.fit, rated.status, spread, settings), clustering=known)


def _covariance(fit: Fit, squares: FloatArray, settings: Settings) -> FloatArray:
    n = fit.problem.n_models
    if settings.covariance == "model":
        return model_covariance(fit)[:n, :n]
    return _held(sandwich_covariance(fit, squares)[:n, :n])


def _clustered(
    rated: RatedFit, fit: Fit, squares: FloatArray, found: Clustering, level: float
) -> FloatArray:
    n = fit.problem.n_models
    excess = found.among(rated.status == Status.RATED, len(fit.point))
    spread = _held(clustered_covariance(fit, squares, excess)[:n, :n])
    return spread * found.widening(level) ** 2


def _clustering(
    tallies: Tallies, rated: RatedFit, fit: Fit, squares: FloatArray, both_bad: BothBadReading
) -> Clustering:
    if tallies.voters is None:
        raise NotEnoughDataError("covariance='clustered' needs tallies made with voter=...")
    votes = tallies.voters.of_pairs(rated.inside)
    outcomes = merge_verdicts(votes.weights, both_bad)
    found = clustering_of(fit, squares, votes.voter, votes.pair, outcomes)
    return found.of_all(rated.status == Status.RATED)


def _held(covariance: FloatArray) -> FloatArray:
    if not (np.diag(covariance) < LOOSEST**2).all():
        raise ConvergenceError(TOO_FAR_APART)
    return covariance
