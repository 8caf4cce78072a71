"""What an honest voter may say about one model: everybody's scores, moved by a taste of their own.

Somebody's taste for a model shifts its score, and some people call more ties than others. Both are
unknown: they are learned from the voter's earlier votes on the model, so an honest fan stops being
a surprise after a few votes.
"""

import numpy as np

from ratings.core.data.arrays import BoolArray, FloatArray, IntArray
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.suspicion.record import TIE, WIN

# Tastes scatter by about 125 points (`ratings.core.methods.shrunk`); some are far stronger.
SPREADS = ((0.95, 125.0), (0.05, 220.0))  # share of voters, points
TIE_SPREAD = 0.7  # of the logarithm of how readily somebody calls a tie

SHIFTS = np.linspace(-4.5, 4.5, 25)
READINESS = np.linspace(-1.5, 1.5, 4)


def log_prior(moved: float = 0.0, wider: float = 1.0) -> FloatArray:
    """(T,) of each taste with each readiness to call a tie; if everybody sees the model so many
    points better, and tastes scatter so many times as much."""
    points = (SHIFTS * POINTS_PER_NAT - moved) / wider
    shift = sum(share * np.exp(-0.5 * (points / spread) ** 2) / spread for share, spread in SPREADS)
    ready = np.exp(-0.5 * (READINESS / TIE_SPREAD) ** 2)
    both = np.multiply.outer(np.asarray(shift), ready).ravel()
    logs: FloatArray = np.log(both / both.sum())
    return logs


LOG_PRIOR = log_prior()


def said_with(gaps: FloatArray, tie: float, results: IntArray) -> FloatArray:
    """(..., T) chances of the results if the voter had that taste and readiness."""
    lead = np.exp(0.5 * (gaps[..., None] + SHIFTS))[..., None]
    ties = np.exp(tie + READINESS)
    odds = np.where(results[..., None, None] == WIN, lead, 1.0 / lead)
    odds = np.where(results[..., None, None] == TIE, ties, odds)
    found: FloatArray = (odds / (lead + 1.0 / lead + ties)).reshape(*gaps.shape, -1)
    return found


def said_by_honest(gaps: FloatArray, tie: float, results: IntArray, there: BoolArray) -> FloatArray:
    """Chances of what was said about each of m models, given the earlier votes on it.

    Args: (m, n) natural-log gaps of the model's lead, Davidson's parameter, (m, n) results, and
    which of them are votes; (m, n) chances.
    """
    said = said_with(gaps, tie, results)
    logs = np.log(said) * there[..., None]
    before = LOG_PRIOR + np.cumsum(logs, axis=-2) - logs  # of each taste, given the earlier votes
    believed = np.exp(before - before.max(axis=-1, keepdims=True))
    found: FloatArray = (said * believed).sum(axis=-1) / believed.sum(axis=-1)
    return found


def with_taste(gaps: FloatArray, tie: float, taste: float) -> FloatArray:
    """(..., 3) chances of a win, a tie and a loss for somebody with a known taste, in points."""
    half = 0.5 * (gaps + taste / POINTS_PER_NAT)
    odds = np.exp(np.stack([half, np.full_like(half, tie), -half], axis=-1))
    chances: FloatArray = odds / odds.sum(axis=-1, keepdims=True)
    return chances
