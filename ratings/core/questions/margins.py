"""Two models with a margin: a gap that a reader considers too small to matter.

Three questions about the gap d of the better-placed model over the other, with margin m > 0:

* Is it ahead? Two-sided test of d = 0.
* Are the two as good as each other within the margin? Equivalence by two one-sided tests, of
  d <= -m and of d >= m, each at 1 - level (Schuirmann, Journal of Pharmacokinetics and
  Biopharmaceutics 15, 1987). Not finding a difference never shows that there is none; this does.
* Is one not worse than the other by more than the margin? Non-inferiority: one of these two tests.

For somebody who looks at many pairs, the same tests against the max-t critical value of the board:
of all statements on all pairs, the probability that any is wrong is then at most 1 - level, however
the pairs and the margin were chosen. Intervals that hold at once hold for every margin.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import ndtr, ndtri

from ratings.core.data.errors import RatingsError
from ratings.core.methods.ratings import Scored
from ratings.core.questions.compare import checked_pair, win_probability


class Relation(StrEnum):
    """What may be said of the better-placed model and the other, the most that holds."""

    AHEAD_BY_MORE = "ahead_by_more"  # than the margin
    AHEAD_BY_LESS = "ahead_by_less"  # ahead, and as good within the margin
    AHEAD = "ahead"
    AS_GOOD = "as_good"  # within the margin
    NOT_WORSE = "not_worse"  # by more than the margin
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Judgement:
    """Two models, tested with a margin.

    Attributes:
        better, other: models; `better` has the higher score.
        gap, deviation: of their scores, Elo points, and its standard error; gap >= 0.
        margin: Elo points; share: of the vote that a model wins which is ahead by the margin.
        level: of each test, 1 - its error rate; critical: for all pairs at once, see `Scored`.
    """

    better: int
    other: int
    gap: float
    deviation: float
    margin: float
    share: float
    level: float
    critical: float

    @property
    def relation(self) -> Relation:
        """For somebody who looks at this pair alone."""
        return self._beyond(float(ndtri(0.5 + self.level / 2)), float(ndtri(self.level)))

    @property
    def relation_among_all(self) -> Relation:
        """For somebody who looks at any pairs of the board."""
        return self._beyond(self.critical, self.critical)

    @property
    def better_not_worse_p(self) -> float:
        """P-value of: `better` is worse by the margin or more."""
        return self._p(self.margin + self.gap)

    @property
    def other_not_worse_p(self) -> float:
        """P-value of: `other` is worse by the margin or more."""
        return self._p(self.margin - self.gap)

    @property
    def as_good_p(self) -> float:
        """P-value of: they differ by the margin or more; the larger of the two one-sided ones."""
        return max(self.better_not_worse_p, self.other_not_worse_p)

    def _beyond(self, two_sided: float, one_sided: float) -> Relation:
        allowance = one_sided * self.deviation
        is_ahead = self.gap > two_sided * self.deviation
        if is_ahead and self.gap - self.margin > allowance:
            return Relation.AHEAD_BY_MORE
        if self.margin - self.gap > allowance:  # then margin + gap is, too
            return Relation.AHEAD_BY_LESS if is_ahead else Relation.AS_GOOD
        if is_ahead:
            return Relation.AHEAD
        is_not_worse = self.margin + self.gap > allowance
        return Relation.NOT_WORSE if is_not_worse else Relation.UNCLEAR

    def _p(self, distance: float) -> float:
        if self.deviation == 0.0:
            return float(distance <= 0.0)
        return float(ndtr(-distance / self.deviation))


def judge(ratings: Scored, a: int, b: int, margin: float) -> Judgement:
    """Test two rated models with a margin in Elo points.

    Raises:
        RatingsError: a and b are the same, or not model indices; the margin is not positive.
        NotRatedError: one of them has no score.
    """
    checked_pair(ratings, a, b)
    if not (np.isfinite(margin) and margin > 0):
        raise RatingsError(f"margin={margin} is not a positive number of points.")
    gap = float(ratings.scores[a] - ratings.scores[b])
    better, other = (a, b) if gap >= 0 else (b, a)
    variance = float(ratings.gap_variances([a], [b])[0, 0])
    return Judgement(
        better,
        other,
        abs(gap),
        float(np.sqrt(max(variance, 0.0))),
        margin,
        win_probability(ratings, margin),
        ratings.settings.level,
        ratings.critical,
    )
