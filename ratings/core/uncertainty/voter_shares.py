"""Shares of answers of which voters said something, where what one voter says is correlated.

Somebody who likes a word uses it of many answers, so ten answers judged by one person say less than
ten judged by ten. How much less is the design effect: by what factor the variance of a share is
larger than that of as many independent answers (Kish 1965). Wilson's interval is then that of fewer
answers, with Student's t by the number of equally active voters (as Korn and Graubard, Survey
Methodology 24, 1998, for the binomial interval; `voters` has the reasons for both).

The design effect is the largest of three: 1, as a smaller one would be luck; that of the group's
own voters, each voter's answers taken together; and that of a correlation between two answers of a
voter that is estimated from all groups at once, as a share near 0 or 1 shows no scatter of its own.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from ratings.core.data.arrays import FloatArray, IntArray, ReadOnly
from ratings.core.uncertainty.proportions import score_interval
from ratings.core.uncertainty.voters import FEWEST_FREEDOM


@dataclass(frozen=True, eq=False)
class VoterShares(ReadOnly):
    """Shares of several groups, (n,) each; NaN for a group without answers.

    Attributes:
        hits: of so many answers something was said. answers: there are.
        effect: design effect, at least 1.
        effective: how many equally active voters those of the group count as.
    """

    hits: FloatArray
    answers: FloatArray
    effect: FloatArray
    effective: FloatArray

    @property
    def share(self) -> FloatArray:
        return _ratio(self.hits, self.answers)

    def interval(self, level: float) -> tuple[FloatArray, FloatArray]:
        freedom = np.maximum(self.effective - 1.0, FEWEST_FREEDOM)
        deviations = np.asarray(-stdtrit(freedom, (1.0 - level) / 2), dtype=np.float64)
        return score_interval(self.hits / self.effect, self.answers / self.effect, deviations)


def voter_shares(group: IntArray, hits: FloatArray, answers: FloatArray, n: int) -> VoterShares:
    """Args: one row for each group and voter, in any order.

    group: (R,) number of the group, below n.
    hits: (R,) of so many of this voter's answers something was said.
    answers: (R,) of the group that this voter judged, at least 1.
    """
    of_group, total = _summed(group, hits, n), _summed(group, answers, n)
    share, part = _ratio(of_group, total), answers / total[group]
    scatter = (share * (1.0 - share))[group]
    # What a voter's answers differ from the group's share by, which has moved towards them.
    square = (hits - share[group] * answers) ** 2 / np.maximum(1.0 - part, np.finfo(float).eps)
    largest = _summed(group, part**2, n)
    effect = np.maximum(
        _own(_summed(group, square, n), total, share, np.bincount(group, minlength=n)),
        1.0 + _correlation(square, scatter, answers) * (largest * total - 1.0),
    )
    return VoterShares(of_group, total, np.maximum(effect, 1.0), _ratio(np.ones(n), largest))


def _own(square: FloatArray, total: FloatArray, share: FloatArray, voters: IntArray) -> FloatArray:
    """0 where nothing varies."""
    independent = total * share * (1.0 - share)
    corrected = square * (voters - 1) / np.maximum(voters, 1)
    return np.divide(corrected, independent, out=np.zeros_like(total), where=independent > 0)


def _correlation(square: FloatArray, scatter: FloatArray, answers: FloatArray) -> float:
    """Between two answers of a group by the same voter: what pairs of them add to the scatter, by
    the most that they could."""
    pairs = float((answers * (answers - 1.0) * scatter).sum())
    more = float((square - answers * scatter).sum())
    return min(max(more / pairs, 0.0), 1.0) if pairs > 0 else 0.0


def _summed(group: IntArray, column: FloatArray, n: int) -> FloatArray:
    return np.bincount(group, column, n).astype(np.float64)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
