"""Factors of the information matrix of thousands of models.

Adding a constant to all scores changes no vote's probability, so the information is singular. The
model with the largest diagonal entry is grounded (its entry is doubled), which makes the matrix
invertible and changes no gap; results are then centred again.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from ratings.core.data.arrays import FloatArray
from ratings.core.fit.elimination import Elimination


@dataclass(frozen=True, eq=False)
class Grounded:
    """The generalised inverse of an information whose rows, over the scores, sum to zero.

    Attributes:
        factor: of the matrix with one model grounded.
        n_models: number of scores, which come first; a tie parameter may follow.
    """

    factor: Elimination
    n_models: int

    @classmethod
    def of(cls, matrix: csr_array, n_models: int) -> "Grounded":
        """Factorise a sparse information (k, k).

        Raises:
            ConvergenceError: some gap is not identifiable.
        """
        known = matrix.diagonal()[:n_models]
        best = int(np.argmax(known))
        tie = csr_array(([known[best]], ([best], [best])), shape=matrix.shape)
        return cls(Elimination.of(csr_array(matrix + tie)), n_models)

    def solve(self, right: FloatArray) -> FloatArray:
        """Zero-mean solution, (k,) or (k, m); `right` must sum to zero over the scores."""
        solution = self.factor.solve(right)
        solution[: self.n_models] -= solution[: self.n_models].mean(axis=0)
        return solution

    def inverse(self) -> FloatArray:
        """The generalised inverse (k, k)."""
        return self._centred(self.factor.inverse())

    def sandwich(self, meat: csr_array) -> FloatArray:
        """The inverse on both sides of a sparse matrix whose rows sum to zero over the scores."""
        return self._centred(self.factor.sandwich(meat))

    def _centred(self, matrix: FloatArray) -> FloatArray:
        scores = slice(0, self.n_models)
        matrix[scores] -= matrix[scores].mean(axis=0)
        matrix[:, scores] -= matrix[:, scores].mean(axis=1)[:, None]
        return matrix
