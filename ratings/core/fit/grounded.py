"""Factors of the information of thousands of models.

A constant on all scores changes no vote's chance, so the information is singular. The model that is
known best is tied to the ground, which changes no gap, and results are centred again.
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
        factor: of the matrix with one model tied to the ground.
        n_models: number of scores, which come first; a tie parameter may follow.
    """

    factor: Elimination
    n_models: int

    @classmethod
    def of(cls, matrix: csr_array, n_models: int) -> "Grounded":
        """Factorise a sparse information (k, k).

        Raises:
            ConvergenceError: it says nothing of some gap.
        """
        known = matrix.diagonal()[:n_models]
        best = int(np.argmax(known))
        tie = csr_array(([known[best]], ([best], [best])), shape=matrix.shape)
        return cls(Elimination.of(csr_array(matrix + tie)), n_models)

    def solve(self, right: FloatArray) -> FloatArray:
        """Scores of mean 0, (k,) or (k, m), where the columns of `right` sum to zero over them."""
        solution = self.factor.solve(right)
        solution[: self.n_models] -= solution[: self.n_models].mean(axis=0)
        return solution

    def inverse(self) -> FloatArray:
        """The generalised inverse (k, k)."""
        return self._centred(self.factor.inverse())

    def sandwich(self, meat: csr_array) -> FloatArray:
        """The same on both sides of a sparse matrix whose rows sum to zero over the scores."""
        return self._centred(self.factor.sandwich(meat))

    def _centred(self, matrix: FloatArray) -> FloatArray:
        scores = slice(0, self.n_models)
        matrix[scores] -= matrix[scores].mean(axis=0)
        matrix[:, scores] -= matrix[:, scores].mean(axis=1)[:, None]
        return matrix
