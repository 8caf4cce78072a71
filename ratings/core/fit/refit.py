"""Fitting many resamples of the same tallies at once."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csc_array

from ratings.core.data.arrays import AnyArray, FloatArray, IntArray
from ratings.core.data.graph import Status
from ratings.core.data.laplacian import laplacian
from ratings.core.fit.fitting import fit_rated
from ratings.core.fit.ties import logistic

# Predicted size of the next step, natural-log units: an error below 0.02 points.
TOLERANCE = 1e-4
MAX_ITERATIONS = 25
# A score that has moved farther than this, 520 points, may be diverging.
FAR = 3.0


def refit_half_wins(
    pairs: IntArray, outcomes: AnyArray, centre: FloatArray, ties: str
) -> FloatArray:
    """Scores of resamples that lie near a known fit; ties as half wins.

    All resamples share the Hessian of the known fit, so one factorisation serves every step of
    every resample. A resample for which this does not converge (if a model won everything, say) is
    fitted on its own.

    Args:
        pairs: (P, 2) model indices; outcomes: (3, P, R) weights [first wins, second wins, ties].
        centre: (n,) scores of the known fit, natural-log units.
        ties: 'half'.

    Returns:
        (R, n) scores, natural-log units, with the mean of `centre`; +-inf and NaN as in
        `refit_exactly`.

    Raises:
        ConvergenceError: Newton's method did not reach its tolerance on a resample.
    """
    votes = (outcomes[0] + outcomes[1] + outcomes[2]).astype(np.float32)
    lead = np.subtract(outcomes[0], outcomes[1], dtype=np.float32)
    fits = _Chord(pairs, votes.mean(axis=1), centre)
    step = fits.first_step(lead, votes)
    scores = centre[:, None].astype(np.float32) + step
    open_, size = np.arange(votes.shape[1]), np.abs(step).max(axis=0)
    for _ in range(MAX_ITERATIONS):
        now = open_ if len(open_) < votes.shape[1] else slice(None)
        step = fits.step(scores[:, now], lead[:, now], votes[:, now])
        scores[:, now] += step
        before, size = size, np.abs(step).max(axis=0)
        # Convergence is linear: the next step will be about size * size / before.
        late = ~(size * size <= TOLERANCE * before)
        open_, size = open_[late], size[late]
        if not open_.size:
            break
    shift = scores.T - centre
    lost = np.union1d(open_, np.flatnonzero(~(np.abs(shift).max(axis=1) < FAR)))
    result: FloatArray = centre + shift - shift.mean(axis=1, keepdims=True)
    result[lost] = refit_exactly(pairs, outcomes[:, :, lost], centre, ties)
    return result


class _Chord:
    """Newton steps with the Hessian of one point.

    With t = tanh(gap / 2) = P(win) - P(loss), the slope of a pair's log-likelihood is half of
    (wins - losses) - votes * t, however many of the votes are ties.
    """

    def __init__(self, pairs: IntArray, votes: FloatArray, centre: FloatArray) -> None:
        n = len(centre)
        win, loss = logistic(centre[pairs[:, 0]] - centre[pairs[:, 1]])
        self._expected = (win - loss).astype(np.float32)[:, None]
        matrix = laplacian(pairs, votes * win * loss, n)
        matrix += np.trace(matrix) / n**2
        self._half_inverse = cho_solve(cho_factor(matrix), 0.5 * np.eye(n)).astype(np.float32)
        self._first, self._second = pairs.T
        signs = np.tile(np.array([1.0, -1.0], dtype=np.float32), len(pairs))
        starts = np.arange(0, 2 * len(pairs) + 1, 2)
        self._to_models = csc_array((signs, pairs.ravel(), starts), shape=(n, len(pairs)))

    def first_step(self, lead: AnyArray, votes: AnyArray) -> AnyArray:
        """(n, R) step from the known fit itself."""
        work = votes * self._expected
        np.subtract(lead, work, out=work)
        return self._solve(work)

    def step(self, scores: AnyArray, lead: AnyArray, votes: AnyArray) -> AnyArray:
        """(n, R) step from (n, R) scores, given (P, R) wins minus losses, and votes."""
        half = scores * np.float32(0.5)
        work = half[self._first]  # in place from here on, on arrays of P x R
        work -= half[self._second]
        np.tanh(work, out=work)
        work *= votes
        np.subtract(lead, work, out=work)
        return self._solve(work)

    def _solve(self, slopes: AnyArray) -> AnyArray:
        step: AnyArray = self._half_inverse @ (self._to_models @ slopes)
        return step


def refit_exactly(pairs: IntArray, outcomes: AnyArray, centre: FloatArray, ties: str) -> FloatArray:
    """Scores of resamples, each by its own Newton iteration; arguments as in `refit_half_wins`.

    Returns:
        (R, n) scores; +-inf for models that won or lost everything against the rated ones, NaN for
        those that were not connected to them. The rated ones keep the mean they have in `centre`.

    Raises:
        NotEnoughDataError: a resample does not identify the tie parameter.
        ConvergenceError: Newton's method did not reach its tolerance on a resample.
    """
    result = np.full((outcomes.shape[2], len(centre)), np.nan)
    for row, votes in zip(result, np.moveaxis(outcomes, 2, 0), strict=True):
        rated = fit_rated(pairs, votes.T.astype(np.float64), len(centre), ties)
        row[rated.status == Status.ONLY_WINS] = np.inf
        row[rated.status == Status.ONLY_LOSSES] = -np.inf
        if rated.fit is not None:
            mine = rated.status == Status.RATED
            row[mine] = rated.fit.point[: mine.sum()] + centre[mine].mean()
    return result
