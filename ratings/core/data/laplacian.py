"""From pairs to models: the sums that turn per-pair quantities into gradients and matrices."""

from typing import overload

import numpy as np
from scipy.sparse import block_array, csr_array

from ratings.core.data.arrays import AnyArray, FloatArray, IntArray
from ratings.core.data.validation import LARGE

# Up to this many cells of an n x n table per pair, sums over a dense table are quicker than
# `np.bincount`, whose additions stall where an index repeats, as it does in sorted pairs.
MAX_CELLS_PER_PAIR = 4


def add_up(index: AnyArray, values: FloatArray, size: int) -> FloatArray:
    """(size,) sums of `values` by `index`; both are flattened."""
    sums = np.bincount(index.ravel(), weights=values.ravel(), minlength=size)
    return sums.astype(np.float64, copy=False)


def net_flow(pairs: IntArray, values: FloatArray, n_models: int) -> FloatArray:
    """(n_models,) sums of values (P,), added to the first of each pair, taken from the second."""
    out, into = _by_side(pairs, values, n_models)
    return out - into


def degree(pairs: IntArray, values: FloatArray, n_models: int) -> FloatArray:
    """(n_models,) sums: values (P,) added to both models of each pair."""
    out, into = _by_side(pairs, values, n_models)
    return out + into


def _by_side(pairs: IntArray, values: FloatArray, n_models: int) -> tuple[FloatArray, FloatArray]:
    if n_models**2 > MAX_CELLS_PER_PAIR * len(pairs):
        first, second = (add_up(side, values, n_models) for side in pairs.T)
        return first, second
    table = _table(pairs, values, n_models)
    return table.sum(axis=1), table.sum(axis=0)


def _table(pairs: IntArray, values: FloatArray, n_models: int) -> FloatArray:
    table = np.zeros((n_models, n_models))
    table.ravel()[pairs[:, 0] * n_models + pairs[:, 1]] = values
    return table


def laplacian(pairs: IntArray, values: FloatArray, n_models: int) -> FloatArray:
    """Sum of values[p] (e_i - e_j)(e_i - e_j)' over the pairs p = (i, j); (n_models, n_models)."""
    if n_models > LARGE:
        return sparse_laplacian(pairs, values, n_models).toarray()
    table = _table(pairs, -values, n_models)
    matrix = table + table.T
    matrix.ravel()[:: n_models + 1] = -matrix.sum(axis=1)
    return matrix


def sparse_laplacian(pairs: IntArray, values: FloatArray, n_models: int) -> csr_array:
    """The same matrix (n_models, n_models), sparse, for models that have each met only a few."""
    first, second = pairs.T
    rows = np.concatenate([first, second, first, second])
    columns = np.concatenate([second, first, first, second])
    entries = np.concatenate([-values, -values, values, values])
    return csr_array((entries, (rows, columns)), shape=(n_models, n_models))


@overload
def bordered(matrix: FloatArray, column: FloatArray, corner: float) -> FloatArray: ...
@overload
def bordered(matrix: csr_array, column: FloatArray, corner: float) -> csr_array: ...
def bordered(
    matrix: FloatArray | csr_array, column: FloatArray, corner: float
) -> FloatArray | csr_array:
    """Append a row and column (n,) to a symmetric (n, n) matrix; `corner` is where they meet."""
    side, end = column[:, None], np.array([[corner]])
    if isinstance(matrix, np.ndarray):
        return np.block([[matrix, side], [side.T, end]])
    return csr_array(block_array([[matrix, csr_array(side)], [csr_array(side.T), csr_array(end)]]))
