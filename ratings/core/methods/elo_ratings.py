"""An Elo board with its uncertainty, from a Bayesian bootstrap of the votes.

Rubin, "The Bayesian bootstrap", Annals of Statistics 9 (1981): each replay goes through the votes
in the order they were cast and multiplies k by a random weight for each vote, exponential with mean
1. So the chance in the latest votes, which Elo weights most, is part of the variance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from ratings.core.data.arrays import AnyArray, FloatArray, IntArray
from ratings.core.data.errors import RatingsError
from ratings.core.data.graph import Status, components
from ratings.core.data.tallies import Tallies
from ratings.core.data.validation import check_can_be_rated, check_n_models
from ratings.core.fit.elo import LEFT_SHARE, elo
from ratings.core.methods.ratings import Ratings, Settings, check_draws, check_level
from ratings.core.uncertainty.ranks import rank_ub

VOTES_PER_BLOCK = 8192


@dataclass(frozen=True)
class EloSettings:
    """Everything that, with the votes in their order, determines a result.

    Attributes:
        k, start, scale: as in `elo`.
        rounds: number of bootstrap replays; 200 give standard errors to within 5%.
        level, draws: as in `ratings.core.methods.ratings.Settings`.
        seed: of everything drawn.
    """

    k: float = 4.0
    start: float = 1000.0
    scale: float = 400.0
    rounds: int = 200
    level: float = 0.95
    draws: int = 4000
    seed: int = 0


DEFAULTS = EloSettings()


def elo_ratings(
    a: ArrayLike,
    b: ArrayLike,
    verdict: ArrayLike,
    n_models: int,
    settings: EloSettings = DEFAULTS,
) -> Ratings:
    """Replay N votes in row order, once as they are and `rounds` times with random weights.

    The interval is the score plus and minus a multiple of its standard error. It says where the
    score might be had other people voted, not where it will go: Elo follows the latest votes.

    Args:
        a, b, verdict: (N,) as in `Tallies.from_votes`.

    Returns:
        Ratings whose covariance is that of the replays. Models without votes have no score.

    Raises:
        RatingsError: fewer than two rounds, level outside (0, 1), and whatever `elo` raises.
    """
    check_level(settings.level)
    check_draws(settings.draws)
    check_n_models(n_models)
    check_can_be_rated(n_models)
    if settings.rounds < 2:
        raise RatingsError(f"rounds={settings.rounds}: a spread needs at least two.")
    point = elo(a, b, verdict, n_models, k=settings.k, start=settings.start, scale=settings.scale)
    left, right, said = np.asarray(a), np.asarray(b), np.asarray(verdict)
    seen = point.votes > 0
    covariance = np.full((n_models, n_models), np.nan)
    covariance[np.ix_(seen, seen)] = np.cov(_replays(left, right, said, n_models, settings)[seen])
    scores = np.where(seen, point.scores, np.nan)
    margin = ndtri(0.5 + settings.level / 2) * np.sqrt(np.diag(covariance))
    tallies = Tallies.from_votes(left, right, said, n_models)
    return Ratings(
        scores=scores,
        lower=scores - margin,
        upper=scores + margin,
        covariance=covariance,
        status=np.where(seen, Status.RATED, Status.NO_VOTES),
        component=components(tallies.pairs, tallies.counts.sum(axis=1), n_models),
        votes=tallies.votes,
        win_rate=tallies.win_rate,
        rank_ub=rank_ub(scores - margin, scores + margin),
        tie_parameter=None,
        log_likelihood=float("nan"),
        iterations=0,
        settings=Settings(
            covariance="bootstrap",
            level=settings.level,
            draws=settings.draws,
            seed=settings.seed,
        ),
    )


def _replays(
    left: AnyArray, right: AnyArray, verdict: AnyArray, n_models: int, settings: EloSettings
) -> FloatArray:
    """(n_models, rounds) scores of the bootstrap replays, relative to the start."""
    per_nat = settings.scale / np.log(10.0)
    stake = settings.k / per_nat
    scores = np.zeros((n_models, settings.rounds))
    won = stake * np.asarray(LEFT_SHARE)[verdict]
    rng = np.random.default_rng(settings.seed)
    for at in range(0, len(left), VOTES_PER_BLOCK):
        block = slice(at, at + VOTES_PER_BLOCK)
        times = rng.standard_exponential((len(left[block]), settings.rounds))
        for layer in _layers(left[block].tolist(), right[block].tolist(), n_models):
            a, b = left[block][layer], right[block][layer]
            change = scores[b] - scores[a]
            np.exp(change, out=change)
            change += 1.0
            np.divide(-stake, change, out=change)
            change += won[block][layer, None]
            change *= times[layer]
            scores[a] += change
            scores[b] -= change
    scores *= per_nat
    return scores


def _layers(left: list[int], right: list[int], n_models: int) -> list[IntArray]:
    """Layers of rows that can be updated at once, as no two share a model.

    Each model's votes keep their order.
    """
    last, layers = [0] * n_models, []
    for a, b in zip(left, right, strict=True):
        layer = max(last[a], last[b]) + 1
        last[a] = last[b] = layer
        layers.append(layer)
    order = np.argsort(layers, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(np.asarray(layers)[order])) + 1)
