"""Three models of ties. Each gives the probability of a verdict from the gap between scores.

With d the natural-log gap (first minus second) and s(x) = 1 / (1 + exp(-x)):

* half win (the field's convention): a tie is half a win for each, P(first) = s(d);
* Davidson (JASA 65, 1970): P(first) : P(second) : P(tie) = e^{d/2} : e^{-d/2} : e^t;
* Rao and Kupper (JASA 62, 1967): P(first) = s(d - t), P(second) = s(-d - t), tie otherwise, t > 0.

All three log-likelihoods are concave in (d, t), so Newton's method finds the one maximum.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ratings.core.data.arrays import FloatArray

# exp() overflows just above this; no votes can show odds of e^700.
LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Derivatives of the log-likelihood at one point, summed over the votes of each pair.

    Attributes:
        slope: (P,) first derivative in the gap; curvature: (P,) minus the second.
        tie_slope: first derivative in the tie parameter, over all votes; 0 when there is none.
        cross: (P,) minus the mixed second derivative; tie_curvature: minus the second.
    """

    slope: FloatArray
    curvature: FloatArray
    tie_slope: float
    cross: FloatArray
    tie_curvature: float


@dataclass(frozen=True, eq=False)
class VoteScores:
    """Derivatives of log P(verdict) for one vote of each verdict [first wins, second wins, tie].

    Attributes:
        gap: (P, 3) with respect to the gap; tie: (P, 3) to the tie parameter, None without one.
    """

    gap: FloatArray
    tie: FloatArray | None


class TieModel(Protocol):
    """A family of verdict probabilities; stateless."""

    name: str
    n_parameters: int
    start: float

    def admits(self, tie: float) -> bool:
        """Whether the tie parameter lies in its domain."""

    def derivatives(self, gap: FloatArray, tie: float, outcomes: FloatArray) -> Derivatives:
        """Derivatives at (P,) gaps for (P, 3) weighted outcomes [first, second, tie]."""

    def scores(self, gap: FloatArray, tie: float) -> VoteScores:
        """Derivatives for single votes at (P,) gaps."""

    def log_probabilities(self, gap: FloatArray, tie: float) -> FloatArray:
        """(P, 3) log-likelihood of one vote of each verdict."""


def logistic(gap: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return s(gap) and s(-gap), both to full relative precision.

    1 - s(gap) would be correct to only seven digits at odds of a billion to one.
    """
    odds_against = np.exp(np.minimum(-gap, LARGEST_EXPONENT))
    win = 1.0 / (1.0 + odds_against)
    return win, odds_against * win


def log_logistic(gap: FloatArray) -> FloatArray:
    """log s(gap), down to -700."""
    log: FloatArray = np.log(logistic(gap)[0])
    return log


def _columns(*verdicts: FloatArray) -> FloatArray:
    # Column-major, like the tallies: sums over verdicts then run along the pairs.
    return np.stack(verdicts).T


class HalfWin:
    """A tie counts as half a win for each side."""

    name = "half"
    n_parameters = 0
    start = 0.0

    def admits(self, tie: float) -> bool:
        return True

    def derivatives(self, gap: FloatArray, tie: float, outcomes: FloatArray) -> Derivatives:
        win, loss = logistic(gap)
        half = 0.5 * outcomes[:, 2]
        won, lost = outcomes[:, 0] + half, outcomes[:, 1] + half
        slope = won * loss - lost * win
        return Derivatives(slope, (won + lost) * win * loss, 0.0, np.zeros(0), 0.0)

    def scores(self, gap: FloatArray, tie: float) -> VoteScores:
        win, loss = logistic(gap)
        return VoteScores(_columns(loss, -win, 0.5 * (loss - win)), None)

    def log_probabilities(self, gap: FloatArray, tie: float) -> FloatArray:
        win = log_logistic(gap)
        return _columns(win, win - gap, win - 0.5 * gap)


class Davidson:
    """A tie has its own probability, largest between equals; parameter t = log(nu)."""

    name = "davidson"
    n_parameters = 1
    start = 0.0

    def admits(self, tie: float) -> bool:
        return True

    def derivatives(self, gap: FloatArray, tie: float, outcomes: FloatArray) -> Derivatives:
        first, second, drawn = np.exp(self.log_probabilities(gap, tie)).T
        wins, losses, ties = outcomes.T
        votes = wins + losses + ties
        decided, lead = first + second, 0.5 * (first - second)
        # Written without 1 - first, which at odds of a billion to one is mostly rounding.
        return Derivatives(
            slope=wins * (second + 0.5 * drawn) - losses * (first + 0.5 * drawn) - ties * lead,
            curvature=votes * (0.25 * decided * drawn + first * second),
            tie_slope=float((ties * decided - (wins + losses) * drawn).sum()),
            cross=-votes * lead * drawn,
            tie_curvature=float(votes @ (drawn * decided)),
        )

    def scores(self, gap: FloatArray, tie: float) -> VoteScores:
        first, second, drawn = np.exp(self.log_probabilities(gap, tie)).T
        half, lead = 0.5 * drawn, 0.5 * (first - second)
        return VoteScores(
            _columns(second + half, -first - half, -lead), _columns(-drawn, -drawn, first + second)
        )

    def log_probabilities(self, gap: FloatArray, tie: float) -> FloatArray:
        half, level = 0.5 * gap, np.full_like(gap, tie)
        total = np.logaddexp(np.logaddexp(half, -half), level)
        return _columns(half - total, -half - total, level - total)


class RaoKupper:
    """A tie is what happens when the difference stays below a threshold; parameter t > 0."""

    name = "rao-kupper"
    n_parameters = 1
    start = 0.5

    def admits(self, tie: float) -> bool:
        return tie > 0

    def derivatives(self, gap: FloatArray, tie: float, outcomes: FloatArray) -> Derivatives:
        first, not_first = logistic(gap - tie)
        second, not_second = logistic(-gap - tie)
        wins, losses, ties = outcomes.T
        ahead, behind = (wins + ties) * not_first, (losses + ties) * not_second
        bend, bend_back = ahead * first, behind * second
        drawn = float(ties.sum())
        return Derivatives(
            slope=ahead - behind,
            curvature=bend + bend_back,
            # 1 + coth(t) is the derivative of log(e^{2t} - 1).
            tie_slope=drawn * (1.0 + 1.0 / np.tanh(tie)) - float((ahead + behind).sum()),
            cross=bend_back - bend,
            tie_curvature=float((bend + bend_back).sum()) + drawn / np.sinh(tie) ** 2,
        )

    def scores(self, gap: FloatArray, tie: float) -> VoteScores:
        not_first, not_second = logistic(gap - tie)[1], logistic(-gap - tie)[1]
        grow = 1.0 + 1.0 / np.tanh(tie)
        return VoteScores(
            _columns(not_first, -not_second, not_first - not_second),
            _columns(-not_first, -not_second, grow - not_first - not_second),
        )

    def log_probabilities(self, gap: FloatArray, tie: float) -> FloatArray:
        first, second = log_logistic(gap - tie), log_logistic(-gap - tie)
        grow = 2.0 * tie + np.log1p(-np.exp(-2.0 * tie))
        return _columns(first, second, first + second + grow)


TIE_MODELS: dict[str, TieModel] = {m.name: m for m in (HalfWin(), Davidson(), RaoKupper())}
