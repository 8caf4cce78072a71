"""Bradley-Terry ratings from tallies, with uncertainty.

Bradley and Terry, "Rank analysis of incomplete block designs", Biometrika 39 (1952): each model
has a strength, and the odds of a win are the ratio of strengths. Scores are on the Elo scale.
"""

import numpy as np

from ratings.core.data.arrays import FloatArray
from ratings.core.data.errors import TOO_FAR_APART, ConvergenceError, NotEnoughDataError
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
    model_covariance,
    sandwich_covariance,
)

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
    settings = Settings(ties, both_bad, covariance, level, anchor, draws, seed)
    check_settings(settings)
    check_can_be_rated(tallies.n_models)
    outcomes = merge_verdicts(tallies.weights, both_bad)
    rated = fit_rated(tallies.pairs, outcomes, tallies.n_models, ties)
    if rated.fit is None:
        return report_nothing_rated(tallies, rated.status, settings)
    spread = _covariance(tallies, rated, rated.fit, settings)
    return report(tallies, rated.fit, rated.status, spread, settings)


def _covariance(tallies: Tallies, rated: RatedFit, fit: Fit, settings: Settings) -> FloatArray:
    n = fit.problem.n_models
    if settings.covariance == "model":
        return model_covariance(fit)[:n, :n]
    squares = rated.rows(merge_verdicts(tallies.squares, settings.both_bad))
    if settings.covariance == "sandwich":
        return _held(sandwich_covariance(fit, squares)[:n, :n])
    if tallies.voters is None:
        raise NotEnoughDataError("covariance='clustered' needs tallies made with voter=...")
    votes = tallies.voters.of_pairs(rated.inside)
    outcomes = merge_verdicts(votes.weights, settings.both_bad)
    return _held(clustered_covariance(fit, squares, votes.voter, votes.pair, outcomes)[:n, :n])


def _held(covariance: FloatArray) -> FloatArray:
    if not (np.diag(covariance) < LOOSEST**2).all():
        raise ConvergenceError(TOO_FAR_APART)
    return covariance
