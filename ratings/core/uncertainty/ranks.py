"""Ranks, and rank ranges that allow for the uncertainty of the scores."""

import numpy as np
from scipy.special import ndtri

from ratings.core.data.arrays import FloatArray, IntArray
from ratings.core.data.validation import LARGE

DRAWS_PER_BLOCK = 256
ROWS_PER_BLOCK = 512
ALL = slice(None)
# Deviations smaller than this share of the largest are zero up to rounding.
ROUNDING = 1e-7


def rank_ub(lower: FloatArray, upper: FloatArray) -> IntArray:
    """Chatbot Arena's rank: 1 + number of models whose lower bound exceeds one's upper bound.

    Args:
        lower, upper: (n,) interval ends; NaN for models that are not rated.

    Returns:
        (n,) ranks; 0 for models that are not rated.
    """
    known = np.sort(lower[~np.isnan(lower)])
    above = len(known) - np.searchsorted(known, upper, side="right")
    rank: IntArray = np.where(np.isnan(lower), 0, above + 1)
    return rank


def ranges_beyond(
    scores: FloatArray, covariance: FloatArray, critical: float
) -> tuple[IntArray, IntArray]:
    """Best and worst rank of every model, simultaneous: all hold at once.

    A pair is separated when its score gap exceeds the simultaneous (max-t) margin; a model's best
    rank is 1 + the number separated above it. Mogstad, Romano, Shaikh and Wilhelm, "Inference for
    ranks", Review of Economic Studies 91 (2024).

    Args:
        scores: (n,) and covariance: (n, n) of the rated models, in any one unit.
        critical: see `critical_value`, in standard deviations of each gap.

    Returns:
        (n,) best and (n,) worst ranks, from 1.
    """
    n = len(scores)
    beaten, beats = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for start in range(0, n, ROWS_PER_BLOCK):
        rows = slice(start, start + ROWS_PER_BLOCK)
        gaps = scores[rows, None] - scores[None, :]
        margin = critical * gap_deviations(covariance, rows)
        beaten[rows], beats[rows] = (gaps < -margin).sum(axis=1), (gaps > margin).sum(axis=1)
    return 1 + beaten, n - beats


def critical_value(covariance: FloatArray, level: float, draws: int, seed: int) -> float:
    """Max-t critical value: standard deviations beyond which a gap separates its pair.

    It holds for all pairs simultaneously.

    By simulation, exact up to Monte Carlo error; for more than `LARGE` models, where that would
    take minutes, by Sidak's inequality ("Rectangular confidence regions for the means of
    multivariate normal distributions", JASA 62, 1967), which holds for any correlations and makes
    intervals about 3% too wide.
    """
    n = len(covariance)
    if n <= LARGE:
        return simultaneous_quantile(covariance, gap_deviations(covariance), level, draws, seed)
    return sidak_value(n, level)


def sidak_value(n: int, level: float) -> float:
    """Critical value that holds for all pairs of n models whatever their correlations are."""
    if n < 2:
        return float(ndtri(0.5 + level / 2))
    # 1 - level ** (1 / pairs), without cancellation.
    beyond = -np.expm1(np.log(level) / (n * (n - 1) / 2))
    return float(-ndtri(beyond / 2))


def gap_deviations(covariance: FloatArray, rows: slice = ALL) -> FloatArray:
    """(n, n) standard deviation of every score difference, or (r, n) of some rows."""
    variance = np.diag(covariance)
    gap_variance = variance[rows, None] + variance[None, :] - 2.0 * covariance[rows]
    return np.sqrt(np.maximum(gap_variance, 0.0))


def simultaneous_quantile(
    covariance: FloatArray, deviation: FloatArray, level: float, draws: int, seed: int
) -> float:
    """`level` quantile of the largest |gap error| / deviation over all pairs, by simulation."""
    if len(covariance) == 2:
        return float(ndtri(0.5 + level / 2))
    rng = np.random.default_rng(seed)
    root = _root(covariance)
    # A gap with zero variance (voters whose votes cancel exactly) has no t statistic: leave it out.
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
    # The covariance is singular (the scores' mean is fixed), so an eigendecomposition, not
    # Cholesky.
    values, vectors = np.linalg.eigh(covariance)
    root: FloatArray = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


def _blocks(draws: int) -> list[int]:
    full, rest = divmod(draws, DRAWS_PER_BLOCK)
    return [DRAWS_PER_BLOCK] * full + ([rest] if rest else [])
