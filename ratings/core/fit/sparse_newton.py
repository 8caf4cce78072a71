"""Newton's method for thousands of models that have each met only a few others.

A dense factor of thousands of rows takes a second, and Newton's method needs several. Here each
step is solved by conjugate gradients on the sparse Hessian, in milliseconds: Hestenes and Stiefel,
"Methods of conjugate gradients for solving linear systems" (1952).
"""

import numpy as np
from scipy.sparse import diags_array
from scipy.sparse.linalg import cg

from ratings.core.data.arrays import FloatArray
from ratings.core.data.errors import ConvergenceError
from ratings.core.fit.newton import MAX_ITERATIONS, TOLERANCE, Problem, advance
from ratings.core.fit.ties import Derivatives

# Relative accuracy of a step; the next step corrects the rest.
ACCURACY = 1e-4
# Below the tolerance of `maximise`, so that its first step is its last.
CLOSE = 0.1 * TOLERANCE


def approach(problem: Problem, start: FloatArray | None = None) -> FloatArray:
    """A point (n_models + tie parameters,) near the maximum, for `maximise` to start from.

    If conjugate gradients fail, as on a nearly singular Hessian, this is the last point they
    reached: `maximise` continues from there, only more slowly.
    """
    point = problem.starting_point(start)
    at = problem.derivatives(point)
    gradient = problem.gradient(at)
    for _ in range(MAX_ITERATIONS):
        step = _step(problem, at, gradient)
        if step is None or np.abs(step).max() < CLOSE:
            break
        try:
            point, at, gradient = advance(problem, point, step, gradient)
        except ConvergenceError:
            break
    return point


def _step(problem: Problem, at: Derivatives, gradient: FloatArray) -> FloatArray | None:
    matrix = problem.sparse_information(at)
    diagonal = matrix.diagonal()
    if not (diagonal > 0).all():
        return None
    scaled = diags_array(1.0 / diagonal)
    step, failed = cg(matrix, gradient, rtol=ACCURACY, maxiter=2 * len(gradient), M=scaled)
    if failed:
        return None
    # The system leaves the mean of the scores undetermined: centre them.
    step[: problem.n_models] -= step[: problem.n_models].mean()
    found: FloatArray = step
    return found
