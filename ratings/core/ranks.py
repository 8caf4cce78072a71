"""Ranks that admit what the votes cannot tell apart."""

import numpy as np
from scipy.special import ndtri

from ratings.core.arrays import FloatArray, IntArray

DRAWS_PER_BLOCK = 256
# Deviations smaller than this share of the largest are zero but for rounding.
ROUNDING = 1e-7


def rank_ub(lower: FloatArray, upper: FloatArray) -> IntArray:
    """Chatbot Arena's rank: 1 + number of models whose lower bound exceeds one's upper bound.

    Args:
        lower, upper: (n,) interval ends; NaN for models that are not rated.

    Returns:
        (n,) ranks; 0 for models that are not rated.
    """
    above = (lower[None, :] > upper[:, None]).sum(axis=1)
    rank: IntArray = np.where(np.isnan(lower), 0, above + 1)
    return rank


def rank_ranges(
    scores: FloatArray, covariance: FloatArray, level: float, draws: int, seed: int
) -> tuple[IntArray, IntArray]:
    """Best and worst rank of every model, right for all models at once with probability `level`.

    A pair is separated when its score gap exceeds the simultaneous (max-t) margin; a model's best
    rank is 1 + the number separated above it. Mogstad, Romano, Shaikh and Wilhelm, "Inference for
    ranks", Review of Economic Studies 91 (2024).

    Args:
        scores: (n,) and covariance: (n, n) of the rated models, one unit for both.
    """
    return ranges_beyond(scores, pairwise_margin(covariance, level, draws, seed))


def ranges_beyond(scores: FloatArray, margin: FloatArray) -> tuple[IntArray, IntArray]:
    """The same from the (n, n) margins of `pairwise_margin`."""
    gaps = scores[:, None] - scores[None, :]
    beaten = (gaps < -margin).sum(axis=1)
    beats = (gaps > margin).sum(axis=1)
    return 1 + beaten, len(scores) - beats


def pairwise_margin(covariance: FloatArray, level: float, draws: int, seed: int) -> FloatArray:
    """(n, n) gap that a pair must exceed so that all pairs hold at once."""
    deviation = gap_deviations(covariance)
    return simultaneous_quantile(covariance, deviation, level, draws, seed) * deviation


def gap_deviations(covariance: FloatArray) -> FloatArray:
    """(n, n) standard deviation of every score difference."""
    variance = np.diag(covariance)
    gap_variance = variance[:, None] + variance[None, :] - 2.0 * covariance
    return np.sqrt(np.maximum(gap_variance, 0.0))


def simultaneous_quantile(
    covariance: FloatArray, deviation: FloatArray, level: float, draws: int, seed: int
) -> float:
    """`level` quantile of the largest |gap error| / deviation over all pairs, by simulation."""
    if len(covariance) == 2:
        return float(ndtri(0.5 + level / 2))
    rng = np.random.default_rng(seed)
    root = _root(covariance)
    # A gap without error (voters whose votes cancel exactly) cannot be the largest in units of it.
    deviation = np.where(deviation > ROUNDING * deviation.max(initial=0.0), deviation, np.inf)
    largest = [
        _largest_t(root @ rng.standard_normal((root.shape[1], size)), deviation)
        for size in _blocks(draws)
    ]
    return float(np.quantile(np.concatenate(largest), level))


def _largest_t(errors: FloatArray, deviation: FloatArray) -> FloatArray:
    largest = np.zeros(errors.shape[1])
    for i in range(len(errors) - 1):
        t = np.abs(errors[i + 1 :] - errors[i]) / deviation[i + 1 :, i, None]
        np.maximum(largest, t.max(axis=0), out=largest)
    return largest


def _root(covariance: FloatArray) -> FloatArray:
    # The covariance is singular by convention, so an eigendecomposition instead of Cholesky.
    values, vectors = np.linalg.eigh(covariance)
    root: FloatArray = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


def _blocks(draws: int) -> list[int]:
    full, rest = divmod(draws, DRAWS_PER_BLOCK)
    return [DRAWS_PER_BLOCK] * full + ([rest] if rest else [])
