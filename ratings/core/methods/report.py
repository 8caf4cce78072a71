"""From a fit of the rated models to a leaderboard of all models."""

import numpy as np
from scipy.special import ndtri

from ratings.core.data.arrays import BoolArray, FloatArray, IntArray
from ratings.core.data.graph import Status, components
from ratings.core.data.scale import POINTS_PER_NAT, place
from ratings.core.data.tallies import Tallies, merge_verdicts
from ratings.core.fit.newton import Fit
from ratings.core.methods.ratings import Ratings, Settings
from ratings.core.uncertainty.one_sided import lower_bound_of_wins
from ratings.core.uncertainty.ranks import rank_ub


def report(
    tallies: Tallies, fit: Fit, status: IntArray, covariance: FloatArray, settings: Settings
) -> Ratings:
    """Place a fit of the rated models on the Elo scale and add one-sided bounds for others.

    Args:
        status: (n_models,) `Status` of each model; the fit holds those that are RATED, in order.
        covariance: (m, m) of the fit's m scores, natural-log units.

    Raises:
        NotRatedError: the anchor model is not rated.
        ConvergenceError: a one-sided bound did not reach its tolerance.
    """
    return place_ratings(
        tallies,
        fit.point[: fit.problem.n_models],
        status,
        covariance,
        settings,
        tie_parameter=fit.problem.tie(fit.point) if fit.problem.ties.n_parameters else None,
        log_likelihood=fit.log_likelihood,
        iterations=fit.iterations,
    )


def place_ratings(
    tallies: Tallies,
    rated_scores: FloatArray,
    status: IntArray,
    covariance: FloatArray,
    settings: Settings,
    *,
    log_likelihood: float,
    iterations: int,
    tie_parameter: float | None = None,
) -> Ratings:
    """Place (m,) scores of the rated models, natural-log units; otherwise as `report`."""
    rated = status == Status.RATED
    scores = np.full(tallies.n_models, np.nan)
    scores[rated] = rated_scores
    full = _among_all(covariance, rated)
    placed, spread = place(scores, full, settings.anchor)
    z = ndtri(0.5 + settings.level / 2)
    margin, around_mean = (z * np.sqrt(np.maximum(np.diag(c), 0.0)) for c in (spread, full))
    lower, upper = placed - margin, placed + margin
    _bound_one_sided(lower, upper, placed, tallies, status, settings)
    return Ratings(
        scores=placed,
        lower=lower,
        upper=upper,
        covariance=spread,
        status=status,
        component=_components(tallies, status, settings),
        votes=tallies.votes,
        win_rate=tallies.win_rate,
        rank_ub=rank_ub(scores - around_mean, scores + around_mean),
        tie_parameter=tie_parameter,
        log_likelihood=log_likelihood,
        iterations=iterations,
        settings=settings,
    )


def _among_all(covariance: FloatArray, rated: BoolArray) -> FloatArray:
    if rated.all():  # the usual case: saves a copy by index, a third of the report's time
        return covariance
    full, members = np.full((len(rated), len(rated)), np.nan), np.flatnonzero(rated)
    for model, row in zip(members, covariance, strict=True):  # far quicker than np.ix_
        full[model, members] = row
    return full


def report_nothing_rated(tallies: Tallies, status: IntArray, settings: Settings) -> Ratings:
    """Return the board of an arena too young for ratings: votes and statuses, no scores."""
    unknown = np.full(tallies.n_models, np.nan)
    return Ratings(
        scores=unknown,
        lower=unknown,
        upper=unknown,
        covariance=np.full((tallies.n_models, tallies.n_models), np.nan),
        status=status,
        component=_components(tallies, status, settings),
        votes=tallies.votes,
        win_rate=tallies.win_rate,
        rank_ub=np.zeros(tallies.n_models, dtype=np.int64),
        tie_parameter=None,
        log_likelihood=float("nan"),
        iterations=0,
        settings=settings,
    )


def _components(tallies: Tallies, status: IntArray, settings: Settings) -> IntArray:
    if not status.any():  # all rated, hence connected
        return np.ones(tallies.n_models, dtype=np.int64)
    votes = merge_verdicts(tallies.weights, settings.both_bad).sum(axis=1)
    return components(tallies.pairs, votes, tallies.n_models)


def _bound_one_sided(
    lower: FloatArray,
    upper: FloatArray,
    scores: FloatArray,
    tallies: Tallies,
    status: IntArray,
    settings: Settings,
) -> None:
    one_sided = np.flatnonzero((status == Status.ONLY_WINS) | (status == Status.ONLY_LOSSES))
    if not one_sided.size:
        return
    votes = merge_verdicts(tallies.counts, settings.both_bad).sum(axis=1)
    tail = (1.0 - settings.level) / 2
    for model in one_sided:
        sign = 1.0 if status[model] == Status.ONLY_WINS else -1.0
        opponents, met = _rated_opponents(int(model), scores, tallies.pairs, votes)
        if met.sum() > 0:
            bound = lower_bound_of_wins(sign * opponents / POINTS_PER_NAT, met, tail)
            end, other = (lower, upper) if sign > 0 else (upper, lower)
            end[model] = sign * bound * POINTS_PER_NAT
            other[model] = sign * np.inf


def _rated_opponents(
    model: int, scores: FloatArray, pairs: IntArray, votes: FloatArray
) -> tuple[FloatArray, FloatArray]:
    mine = (pairs == model).any(axis=1) & (votes > 0)
    opponents = scores[pairs[mine].sum(axis=1) - model]
    known = ~np.isnan(opponents)
    return opponents[known], votes[mine][known]
