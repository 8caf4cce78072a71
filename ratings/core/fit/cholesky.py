"""Symmetric positive definite systems.

LAPACK is called directly: on 200 x 200 matrices, scipy's wrappers add 50% to the run time.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs
from scipy.sparse import csr_array

from ratings.core.data.arrays import FloatArray
from ratings.core.data.errors import TOO_FAR_APART, ConvergenceError
from ratings.core.data.validation import LARGE

COLUMNS = 512  # of a large product, computed at a time
# Above this share of nonzero entries a large matrix is treated as dense.
FULL = 0.02


@dataclass(frozen=True, eq=False)
class Cholesky:
    """The factor L of a matrix A = LL', (k, k) lower triangular."""

    lower: FloatArray

    @classmethod
    def of(cls, matrix: FloatArray) -> "Cholesky":
        """Factorise a symmetric (k, k) matrix.

        Raises:
            ConvergenceError: it is not positive definite.
        """
        lower, failed = dpotrf(matrix, lower=1, clean=1)
        if failed:
            raise ConvergenceError(TOO_FAR_APART)
        return cls(lower)

    def solve(self, right: FloatArray) -> FloatArray:
        """A^-1 times a vector (k,) or matrix (k, m)."""
        solution: FloatArray = dpotrs(self.lower, right, lower=1)[0]
        return solution

    def sandwich(self, meat: FloatArray) -> FloatArray:
        """A^-1 B A^-1, (k, k), for a symmetric (k, k) matrix B."""
        if len(meat) <= LARGE or np.count_nonzero(meat) > FULL * meat.size:
            return self.solve(self.solve(meat).T)
        return wrapped(csr_array(meat), self.inverse())

    def inverse(self) -> FloatArray:
        """A^-1, (k, k), in a third of the work of solving for all columns."""
        half = dpotri(self.lower, lower=1)[0]
        inverse: FloatArray = half + half.T
        inverse.ravel()[:: len(inverse) + 1] *= 0.5
        return inverse


def wrapped(meat: csr_array, inverse: FloatArray) -> FloatArray:
    """C B C for symmetric (k, k) matrices, B sparse and C dense.

    Much quicker than dense products when B is mostly zero; only one triangle is computed.
    """
    result: FloatArray = np.empty_like(inverse)
    for start in range(0, len(inverse), COLUMNS):
        block, below = slice(start, start + COLUMNS), slice(start, None)
        product: FloatArray = np.asarray(meat @ inverse[:, block])
        result[below, block] = inverse[below] @ product
        result[block, below] = result[below, block].T
    return result
