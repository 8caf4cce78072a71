"""How long it takes until pairs of models are told apart, if votes go on as they do."""

import numpy as np
from scipy.special import expit

from ratings.core.data.arrays import FloatArray
from ratings.core.data.scale import POINTS_PER_NAT

LONGEST = 1e6  # days; what takes longer never happens
STEPS = 40  # of the bisection: to a hundred-thousandth of the time


def days_until_separated(
    scores: FloatArray,
    covariance: FloatArray,
    probability: FloatArray,
    per_day: float,
    critical: float,
) -> FloatArray:
    """Days until |gap| > `critical` x standard error of the gap, if the gaps stay as they are.

    A vote on a pair adds p (1 - p) to the Fisher information about its gap, p the chance that the
    first wins (Bradley-Terry; with ties as half wins a vote adds at least as much). So after t days
    the precision matrix of the scores is C^-1 + t J, C their present covariance and J the
    information that a day's votes add, each pair's in proportion to its probability. Votes on third
    models count as far as they connect the two. Where J is in proportion to C^-1, the standard
    error shrinks with the square root of the votes.

    Args:
        scores: (k,) of rated models, Elo points; covariance: (k, k), Elo points squared.
        probability: (k, k) symmetric; of each pair to be drawn; per_day: votes a day.
        critical: of the interval, in standard errors.

    Returns:
        (k, k) days: 0 where two are separated now, inf where they never will be at this gap.
    """
    first, second = np.triu_indices(len(scores), 1)
    gaps = (scores[first] - scores[second]) / POINTS_PER_NAT
    parts, growth = _principal(scores, covariance / POINTS_PER_NAT**2, probability * per_day)
    loads = (parts[first] - parts[second]) ** 2  # of each pair on each component of the error
    wanted = (gaps / critical) ** 2

    def separated(days: FloatArray) -> FloatArray:
        variance = (loads / (1.0 + days[:, None] * growth)).sum(axis=1)
        found: FloatArray = variance < wanted
        return found

    low, high = np.zeros(len(gaps)), np.full(len(gaps), np.log1p(LONGEST))
    for _ in range(STEPS):
        middle = (low + high) / 2
        is_enough = separated(np.expm1(middle))
        low, high = np.where(is_enough, low, middle), np.where(is_enough, middle, high)
    days = np.where(separated(np.full(len(gaps), LONGEST)), np.expm1(high), np.inf)
    square = np.zeros((len(scores),) * 2)
    square[first, second] = np.where(separated(np.zeros(len(gaps))), 0.0, days)
    return square + square.T


def _principal(
    scores: FloatArray, covariance: FloatArray, votes: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(k, m) and (m,): the covariance as a sum of independent errors, chosen so that after t days
    each variance is divided by 1 + t x its growth."""
    chance = expit((scores[:, None] - scores[None, :]) / POINTS_PER_NAT)
    added = votes * chance * (1.0 - chance)
    np.fill_diagonal(added, 0.0)
    information = np.diag(added.sum(axis=1)) - added
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    growth, turned = np.linalg.eigh(root.T @ information @ root)
    return root @ turned, np.maximum(growth, 0.0)
