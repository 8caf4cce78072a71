"""What an honest voter may say about one model: everybody's scores, moved by a taste of their own.

Somebody's taste for a model shifts its score, and some people call more ties than others. Both are
unknown: they are learned from the voter's earlier votes on the model, so an honest fan stops being
a surprise after a few votes.
"""

from dataclasses import dataclass

import numpy as np

from ratings.core.data.arrays import FloatArray, IntArray
from ratings.core.data.scale import POINTS_PER_NAT

# Tastes scatter by about 125 points (`ratings.core.methods.shrunk`); some are far stronger.
SPREADS = ((0.9, 125.0), (0.1, 220.0))  # share of voters, points
TIE_SPREAD = 0.7  # of the logarithm of how readily somebody calls a tie

SHIFTS = np.linspace(-4.5, 4.5, 25)
READINESS = np.linspace(-1.5, 1.5, 4)


def _prior() -> FloatArray:
    shift = sum(
        share * np.exp(-0.5 * (SHIFTS * POINTS_PER_NAT / spread) ** 2) / spread
        for share, spread in SPREADS
    )
    ready = np.exp(-0.5 * (READINESS / TIE_SPREAD) ** 2)
    both = np.multiply.outer(np.asarray(shift), ready).ravel()
    logs: FloatArray = np.log(both / both.sum())
    return logs


LOG_PRIOR = _prior()
SHIFT, READY = (grid.ravel() for grid in np.meshgrid(SHIFTS, READINESS, indexing="ij"))


@dataclass(frozen=True, eq=False)
class Foreseen:
    """What an honest voter would have said, given the earlier votes on a model.

    Attributes:
        chances: (n, 3) of a win, a tie and a loss of the model in each vote.
        results: (n,) what was said.
    """

    chances: FloatArray
    results: IntArray

    @property
    def said(self) -> FloatArray:
        """(n,) chances of what was said."""
        found: FloatArray = self.chances[np.arange(len(self.results)), self.results]
        return found


def foresee(gaps: FloatArray, tie: float, results: IntArray) -> Foreseen:
    """Args: (n,) natural-log gaps of the model's lead, Davidson's parameter, (n,) results."""
    half = 0.5 * (gaps[:, None] + SHIFT)
    logs = np.stack([half, np.broadcast_to(tie + READY, half.shape), -half])
    logs -= np.logaddexp(np.logaddexp(logs[0], logs[1]), logs[2])
    said = np.take_along_axis(logs, results[None, :, None], axis=0)[0]
    before = LOG_PRIOR + np.cumsum(said, axis=0) - said  # of each taste, given the earlier votes
    believed = np.exp(before - before.max(axis=1, keepdims=True))
    chances = np.einsum("rng,ng->nr", np.exp(logs), believed)
    return Foreseen(chances / chances.sum(axis=1, keepdims=True), results)


def with_taste(gaps: FloatArray, tie: float, taste: float) -> FloatArray:
    """(n, 3) chances of a win, a tie and a loss for somebody with a known taste, in points."""
    half = 0.5 * (gaps + taste / POINTS_PER_NAT)
    logs = np.stack([half, np.full_like(half, tie), -half])
    chances: FloatArray = np.exp(logs - np.logaddexp(np.logaddexp(logs[0], logs[1]), logs[2])).T
    return chances
