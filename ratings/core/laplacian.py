"""From pairs to models: the sums that turn per-pair quantities into gradients and matrices."""

import numpy as np

from ratings.core.arrays import AnyArray, FloatArray, IntArray


def add_up(index: AnyArray, values: FloatArray, size: int) -> FloatArray:
    """(size,) sums of `values` by `index`; both are read flat."""
    sums = np.bincount(index.ravel(), weights=values.ravel(), minlength=size)
    return sums.astype(np.float64, copy=False)


def net_flow(pairs: IntArray, values: FloatArray, n_models: int) -> FloatArray:
    """Add values (P,) to the first model of each pair and subtract them from the second."""
    return add_up(pairs[:, 0], values, n_models) - add_up(pairs[:, 1], values, n_models)


def laplacian(pairs: IntArray, values: FloatArray, n_models: int) -> FloatArray:
    """Sum of values[p] (e_i - e_j)(e_i - e_j)' over the pairs p = (i, j); (n_models, n_models)."""
    matrix = np.zeros((n_models, n_models))
    matrix.ravel()[pairs[:, 0] * n_models + pairs[:, 1]] = -values
    matrix += matrix.T
    matrix.ravel()[:: n_models + 1] = -matrix.sum(axis=1)
    return matrix
