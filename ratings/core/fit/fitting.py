"""From tallies to a maximum-likelihood fit of the models that can be put on one scale."""

from dataclasses import dataclass

import numpy as np

from ratings.core.data.arrays import BoolArray, FloatArray, IntArray
from ratings.core.data.errors import NotEnoughDataError
from ratings.core.data.graph import Status, has_cycle, statuses
from ratings.core.data.verdicts import Verdict
from ratings.core.fit.newton import Fit, Problem, maximise
from ratings.core.fit.sparse_newton import approach
from ratings.core.fit.ties import TIE_MODELS, TieModel


@dataclass(frozen=True, eq=False)
class RatedFit:
    """A fit, and which part of the tallies it covers.

    Attributes:
        status: (n_models,) `Status` of each model; those RATED are in the fit, in index order.
        inside: (P,) which rows of the tallies are in the fit.
        fit: the maximum; None when nobody can be rated.
    """

    status: IntArray
    inside: BoolArray
    fit: Fit | None

    def rows(self, values: FloatArray) -> FloatArray:
        """Keep the rows of (P, ...) values that are in the fit."""
        return values if self.inside.all() else values[self.inside]


def fit_rated(
    pairs: IntArray,
    outcomes: FloatArray,
    n_models: int,
    ties: str,
    start: FloatArray | None = None,
) -> RatedFit:
    """Fit the largest strongly connected component of the models (see `statuses`).

    Args:
        pairs: (P, 2) model indices; outcomes: (P, 3) weights [first wins, second wins, ties].
        ties: name of a tie model.
        start: (n_models,) scores near the maximum to start from, natural-log units.

    Raises:
        NotEnoughDataError: the tie model's parameter is not identifiable.
        ConvergenceError: Newton's method did not reach its tolerance.
    """
    status = statuses(pairs, outcomes, n_models)
    rated = status == Status.RATED
    size = int(rated.sum())
    inside = outcomes.sum(axis=1) > 0
    if size < n_models:
        inside &= rated[pairs[:, 0]] & rated[pairs[:, 1]]
    if not size:
        return RatedFit(status, inside, None)
    kept, votes = pairs, outcomes
    if size < n_models or not inside.all():
        kept, votes = (np.cumsum(rated) - 1)[pairs[inside]], outcomes[inside]
    problem = Problem(kept, votes, size, _tie_model(kept, votes, size, ties))
    begin = None if start is None else start[rated]
    if problem.is_large:
        begin = approach(problem, begin)
    return RatedFit(status, inside, maximise(problem, begin))


def _tie_model(pairs: IntArray, outcomes: FloatArray, n_models: int, name: str) -> TieModel:
    # Without ties Davidson and Rao-Kupper have their maximum at the boundary, where both are plain
    # Bradley-Terry; with ties but no cycle of wins their tie parameter diverges.
    if name == "half" or not outcomes[:, Verdict.TIE].any():
        return TIE_MODELS["half"]
    if not has_cycle(pairs, outcomes, n_models):
        raise NotEnoughDataError(
            f"Too few wins among the ties to estimate the {name} tie parameter; use ties='half'."
        )
    return TIE_MODELS[name]
