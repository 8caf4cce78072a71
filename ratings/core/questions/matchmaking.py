"""Which pair to draw next, and how many more votes it takes to separate two models."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtri

from ratings.core.data.arrays import FloatArray, IntArray, ReadOnly
from ratings.core.data.errors import NotEnoughDataError, RatingsError
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.data.tallies import Tallies
from ratings.core.methods.ratings import Ratings, Scored
from ratings.core.questions.compare import compare
from ratings.core.uncertainty.ranks import gap_deviations


@dataclass(frozen=True, eq=False)
class MatchmakingWeights(ReadOnly):
    """Probability of every pair to be drawn next.

    Attributes:
        pairs: (M, 2) model indices, first < second; probability: (M,), all positive, sum 1.
        floor: share of the draws that is uniform over the pairs.
    """

    pairs: IntArray
    probability: FloatArray
    floor: float


def matchmaking_weights(
    tallies: Tallies, ratings: Ratings, *, candidates: IntArray | None = None, floor: float = 0.2
) -> MatchmakingWeights:
    """Give the highest probability to pairs whose next vote narrows an interval most.

    P(pair) is proportional to sqrt(v / n) - sqrt(v / (n + 1)), v / n the variance of the pair's
    score gap after its n votes (Chiang et al., "Chatbot Arena", ICML 2024, eq. 9), mixed with a
    uniform floor, so that every pair keeps a known, positive probability and importance weights
    exist. A pair with an unrated model counts as the most uncertain pair.

    Args:
        candidates: models in service; default all.
        floor: in (0, 1].

    Raises:
        NotEnoughDataError: fewer than two candidates.
        RatingsError: a candidate is no model index, or the floor is not in (0, 1].
    """
    models = np.arange(tallies.n_models) if candidates is None else np.unique(candidates)
    if not 0.0 < floor <= 1.0:
        raise RatingsError(f"floor={floor} is not in (0, 1].")
    if len(models) < 2:
        raise NotEnoughDataError(f"A pair needs two candidates, not {len(models)}.")
    if models[0] < 0 or models[-1] >= tallies.n_models:
        raise RatingsError(f"Candidates must be model indices below {tallies.n_models}.")
    corner = np.triu_indices(len(models), 1)
    n = _votes_between(tallies, models)[corner]
    among = ratings.covariance[np.ix_(models, models)]
    gain = gap_deviations(among)[corner] * (1.0 - np.sqrt(n / (n + 1.0)))
    known = np.isfinite(gain)
    gain[~known] = gain[known].max() if known.any() else 1.0
    total, uniform = gain.sum(), 1.0 / len(gain)
    active = gain / total if total > 0 else np.full(len(gain), uniform)
    pairs = np.stack([models[index] for index in corner]).T
    return MatchmakingWeights(pairs, (1.0 - floor) * active + floor * uniform, floor)


def _votes_between(tallies: Tallies, models: IntArray) -> FloatArray:
    place = np.full(tallies.n_models, -1)
    place[models] = np.arange(len(models))
    ends = place[tallies.pairs]
    inside = (ends >= 0).all(axis=1)
    votes = np.zeros((len(models), len(models)))
    votes[ends[inside, 0], ends[inside, 1]] = tallies.counts[inside].sum(axis=1)
    return votes


def votes_needed(ratings: Scored, a: int, b: int, *, level: float | None = None) -> float:
    """Votes still needed on this pair until the interval of its gap excludes 0.

    The gap is assumed to stay as it is.

    Each vote is taken to add p (1 - p) to the precision of the gap, the Fisher information of a
    decided vote; with ties as half wins it adds at least as much, so the figure is conservative.

    Returns:
        0 when the models are separated already, inf when their scores are equal.

    Raises:
        NotEnoughDataError: one of them is not rated; RatingsError: bad indices or level.
    """
    z = float(ndtri(0.5 + (ratings.settings.level if level is None else level) / 2))
    if not z > 0:
        raise RatingsError(f"level={level} is not between 0 and 1.")
    gap = abs(compare(ratings, a, b).gap)
    return _votes_until(ratings, a, b, deviation=gap / z)


def votes_until_as_good(ratings: Scored, a: int, b: int, margin: float) -> float:
    """Votes still needed on this pair until it is as good within `margin` Elo points, by two
    one-sided tests at the level of the ratings (`margins`); assumptions as in `votes_needed`.

    Returns:
        0 when it is already, inf when the gap is as wide as the margin.
    """
    room = margin - abs(compare(ratings, a, b).gap)
    if room <= 0:
        return float("inf")
    return _votes_until(ratings, a, b, deviation=room / float(ndtri(ratings.settings.level)))


def votes_until_not_worse(ratings: Scored, a: int, b: int, margin: float) -> float:
    """Votes still needed on this pair until a is not worse than b by more than `margin` Elo points,
    by the intervals that hold for all pairs at once; assumptions as in `votes_needed`.

    Returns:
        0 when that is known already, inf when a is behind by as much as the margin.
    """
    room = margin + compare(ratings, a, b).gap
    if room <= 0:
        return float("inf")
    return _votes_until(ratings, a, b, deviation=room / ratings.critical)


def _votes_until(ratings: Scored, a: int, b: int, *, deviation: float) -> float:
    """Until the standard error of the gap is at most this, in Elo points."""
    if deviation == 0.0:
        return float("inf")
    variance = float(ratings.gap_variances([a], [b])[0, 0]) / POINTS_PER_NAT**2
    precision = 1.0 / variance if variance > 0 else np.inf
    wanted = (POINTS_PER_NAT / deviation) ** 2
    chance = float(expit((ratings.scores[a] - ratings.scores[b]) / POINTS_PER_NAT))
    return float(np.ceil(max(0.0, wanted - precision) / (chance * (1.0 - chance))))
