"""How uncertain the scores are: covariance of the maximum-likelihood estimate.

* model: the inverse information. Valid only if the model is correct; conservative when ties count
  as half wins.
* sandwich: A^-1 B A^-1 with B the summed outer products of the votes' scores (Huber 1967,
  White 1982). Valid even if the model is only an approximation, and with weighted votes.
* clustered: the same with each voter's scores summed first (see `voters`).

If a group of models is joined to the others by ties alone, the fit matches those ties exactly:
their residuals are zero, and both sandwiches would give the gap a variance of zero. Such pairs get
the variance of the model instead. This matters for newcomers, whose first vote may be a tie.
"""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ratings.core.data.arrays import FloatArray, IntArray
from ratings.core.data.laplacian import bordered, laplacian, net_flow, sparse_laplacian
from ratings.core.fit.grounded import Grounded
from ratings.core.fit.newton import Fit
from ratings.core.uncertainty.voters import Clustering, clustering


def bread(fit: Fit) -> FloatArray:
    """Generalised inverse of the information, (k, k), natural-log units.

    It leaves out 'add a constant to all scores': rows and columns sum to zero over the scores.
    """
    n = fit.problem.n_models
    inverse = fit.factor.inverse()
    # The term that made the information invertible left exactly 1 / trace in every score cell.
    inverse[:n, :n] -= inverse[:n, :n].mean()
    return inverse


def model_covariance(fit: Fit) -> FloatArray:
    """Inverse information, (k, k), natural-log units."""
    return bread(fit)


def sandwich_covariance(fit: Fit, squares: FloatArray) -> FloatArray:
    """Sandwich over independent votes, (k, k), natural-log units.

    Args:
        squares: (P, 3) summed squared vote weights of [first wins, second wins, ties].
    """
    return _wrap(fit, _meat(fit, squares, floor_of_ties(fit, squares)))


def clustered_covariance(fit: Fit, squares: FloatArray, excess: FloatArray) -> FloatArray:
    """Sandwich over independent voters, (k, k), natural-log units.

    Args:
        squares: (P, 3) as in `sandwich_covariance`; excess: (k, k) as in `Clustering`.
    """
    meat = _dense(_meat(fit, squares, floor_of_ties(fit, squares)))
    return _wrap(fit, meat + excess)


def clustering_of(
    fit: Fit, squares: FloatArray, voter: IntArray, pair: IntArray, outcomes: FloatArray
) -> Clustering:
    """What the correlation of votes by the same voter adds.

    Args:
        squares: (P, 3) as in `sandwich_covariance`.
        voter, pair: (R,) voter, rising, and row of the problem's pairs; outcomes: (R, 3) their
            weights.

    Raises:
        NotEnoughDataError: fewer than two voters.
    """
    row = np.cumsum(np.diff(voter, prepend=voter[0]) != 0)
    size = int(row[-1]) + 1
    scores = voter_scores(fit, row, pair, outcomes, size)
    weights = np.bincount(row, outcomes.sum(axis=1), size).astype(np.float64)
    return clustering(scores, weights, _dense(_meat(fit, squares, 0.0)))


def _dense(matrix: FloatArray | csr_array) -> FloatArray:
    return matrix.toarray() if isinstance(matrix, csr_array) else matrix


def _wrap(fit: Fit, meat: FloatArray | csr_array) -> FloatArray:
    # A vote pulls its two models by opposite amounts, so the meat's rows sum to zero over the
    # scores and the term that made the information invertible cancels.
    factor = fit.factor
    if isinstance(factor, Grounded):
        return factor.sandwich(csr_array(meat))
    return factor.sandwich(_dense(meat))


def _meat(fit: Fit, squares: FloatArray, floor: FloatArray | float) -> FloatArray | csr_array:
    problem, scores = fit.problem, fit.problem.scores(fit.point)
    within = (squares * scores.gap**2).sum(axis=1) + floor
    matrix = (sparse_laplacian if problem.is_large else laplacian)(
        problem.pairs, within, problem.n_models
    )
    if scores.tie is None:
        return matrix
    mixed = (squares * scores.gap * scores.tie).sum(axis=1)
    column = net_flow(problem.pairs, mixed, problem.n_models)
    return bordered(matrix, column, float((squares * scores.tie**2).sum()))


def floor_of_ties(fit: Fit, squares: FloatArray) -> FloatArray:
    """What the meat of each pair lacks, (P,): the model's variance of pairs of groups that nothing
    but ties joins; zero for all others."""
    pairs, outcomes = fit.problem.pairs, fit.problem.outcomes
    decided = outcomes[:, 0] + outcomes[:, 1]
    if decided.all():
        return np.zeros(len(pairs))
    firm, n = pairs[decided > 0], fit.problem.n_models
    links = csr_array((np.ones(len(firm)), (firm[:, 0], firm[:, 1])), shape=(n, n))
    group = connected_components(links, directed=False)[1]
    only_ties = group[pairs[:, 0]] != group[pairs[:, 1]]
    floor: FloatArray = only_ties * fit.at.curvature * squares.sum(axis=1) / outcomes.sum(axis=1)
    return floor


def voter_scores(
    fit: Fit, voter: IntArray, pair: IntArray, outcomes: FloatArray, n_voters: int
) -> csr_array:
    """Each voter's summed score vector, sparse (n_voters, k); `voter` is rising. A voter's entries
    for a model stay as many as its pairs: they add up in whatever reads the matrix."""
    problem, scores = fit.problem, fit.problem.scores(fit.point)
    push = np.einsum("rv,rv->r", outcomes, scores.gap[pair])
    columns, values = [*problem.pairs[pair].T], [push, -push]
    if scores.tie is not None:
        columns.append(np.full(len(voter), problem.n_models))
        values.append(np.einsum("rv,rv->r", outcomes, scores.tie[pair]))
    starts = np.searchsorted(voter, np.arange(n_voters + 1)) * len(values)
    where = np.stack(columns, axis=1).ravel(), starts
    return csr_array((np.stack(values, axis=1).ravel(), *where), shape=(n_voters, len(fit.point)))
