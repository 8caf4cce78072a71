"""Newton's method for thousands of models, of which each has met a few.

A dense factor of thousands of rows takes a second, and Newton's method several. Here each step is
solved by conjugate gradients on the sparse Hessian instead, in milliseconds: Hestenes and Stiefel,
"Methods of conjugate gradients for solving linear systems" (1952).
"""

import numpy as np
from scipy.sparse import diags_array
from scipy.sparse.linalg import cg

from ratings.core.data.arrays import FloatArray
from ratings.core.data.errors import ConvergenceError
from ratings.core.fit.newton import MAX_ITERATIONS, TOLERANCE, Problem, advance
from ratings.core.fit.ties import Derivatives

# Of a step: the next one makes up for the rest.
ACCURACY = 1e-4
# Of what Newton's method with a dense factor needs, so that it ends with its first step.
CLOSE = 0.1 * TOLERANCE


def approach(problem: Problem, start: FloatArray | None = None) -> FloatArray:
    """A point (n_models + tie parameters,) next to the maximum, for `maximise` to start from.

    Where conjugate gradients give up, as on a Hessian that is nearly singular, it is as near as
    they came: `maximise` goes on from there, only slower.
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
    # A constant on all scores changes nothing, so the solver leaves it as it comes.
    step[: problem.n_models] -= step[: problem.n_models].mean()
    found: FloatArray = step
    return found
