"""Turning what happened, vote by vote, into an e-value that may be looked at after every vote."""

from collections.abc import Sequence

import numpy as np
from scipy.special import betaln

from ratings.core.data.arrays import FloatArray

LARGEST = 1e12  # beyond it nothing is learned, and products stay finite


def anytime(ratios: FloatArray) -> FloatArray:
    """The (...,) e-values of (..., n) likelihood ratios, if the rigging may have begun with any of
    the n votes.

    A bet of 1 is spread over the beginnings k = 0, 1, ... in shares 1 / ((k + 1)(k + 2)): a sleeper
    with k honest votes is found nearly as soon as somebody who never was honest.
    """
    votes = ratios.shape[-1]
    k = np.arange(votes)
    since = np.cumsum(np.log(ratios)[..., ::-1], axis=-1)[..., ::-1]
    since = since - np.log((k + 1.0) * (k + 2.0))
    unspent = 1.0 / (votes + 1.0)
    found: FloatArray = np.exp(np.minimum(since, 60.0)).sum(axis=-1) + unspent
    return np.minimum(found, LARGEST)


def anytime_after_each(ratios: FloatArray) -> FloatArray:
    """(..., n): what `anytime` says after each of the votes."""
    k = np.arange(ratios.shape[-1])
    logs = np.log(ratios)
    so_far = np.cumsum(logs, axis=-1)
    begun = logs - so_far - np.log((k + 1.0) * (k + 2.0))
    spent = np.logaddexp.accumulate(begun, axis=-1) + so_far
    found: FloatArray = np.exp(np.minimum(spent, 60.0)) + 1.0 / (k + 2.0)
    return np.minimum(found, LARGEST)


def mixed(e_values: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """The mean of e-values, which is one itself."""
    return float(np.average(e_values, weights=weights))


Prior = tuple[float, float]  # of a beta distribution


def more_often(hits: int, trials: int, honest: Prior, rigged: Prior) -> float:
    """How much likelier it is that `hits` of `trials` come from a voter whose rate is drawn from
    `rigged` than from an honest one's; both are beta distributions."""
    ratio = _log_marginal(hits, trials, rigged) - _log_marginal(hits, trials, honest)
    return min(float(np.exp(min(ratio, 60.0))), LARGEST)


def _log_marginal(hits: int, trials: int, prior: Prior) -> float:
    a, b = prior
    return float(betaln(a + hits, b + trials - hits) - betaln(a, b))


def steadier(logs: FloatArray, honest: float, rigged: float) -> float:
    """How much likelier (n,) logarithms of times scatter as little as they do if their standard
    deviation is `rigged` rather than `honest`; the mean is unknown."""
    n, squares = len(logs), float(((logs - logs.mean()) ** 2).sum())
    ratio = (n - 1) * np.log(honest / rigged) - 0.5 * squares * (rigged**-2 - honest**-2)
    return min(float(np.exp(min(ratio, 60.0))), LARGEST)
