"""Which models the votes can put on one scale.

A maximum-likelihood rating exists for a group of models exactly when its directed win graph (an
edge from loser to winner, both ways for a tie) is strongly connected: Ford, "Solution of a ranking
problem from binary comparisons", American Mathematical Monthly 64 (1957). Outside such a group the
likelihood has no maximum: a model that only won drifts to infinity.
"""

from enum import IntEnum

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from ratings.core.data.arrays import AnyArray, BoolArray, FloatArray, IntArray

# Up to this many models a dense adjacency matrix is cheap.
MAX_DENSE = 1000
# Sums of weights whose relative difference is below this are equal up to rounding.
ROUNDING = 1e-9


class Status(IntEnum):
    """What the votes allow to be said about a model."""

    RATED = 0
    NO_VOTES = 1
    ONLY_WINS = 2  # against the rated models: a lower bound exists, a score does not
    ONLY_LOSSES = 3  # likewise: an upper bound exists
    OTHER_COMPONENT = 4  # never met the rated models, directly or through others
    NOT_ENOUGH_DATA = 5  # has won and lost, but no two models form a group that can be rated
    SPLIT = 6  # in one of several equally large groups, with no reason to prefer any of them


def statuses(pairs: IntArray, outcomes: FloatArray, n_models: int) -> IntArray:
    """Return the (n_models,) `Status` of every model.

    The rated group is the strongly connected component (of two models or more) with the most
    models, then the most votes. A model linked to it by wins alone, directly or through others, is
    ONLY_WINS; by losses alone, ONLY_LOSSES. Without such a component nobody is rated, and each
    model's own record decides its status. The same holds when several components are equally large,
    since only the order of the input could choose between them; their members are SPLIT.

    Args:
        pairs: (P, 2) model indices.
        outcomes: (P, 3) votes [first wins, second wins, ties].
    """
    if n_models <= MAX_DENSE and _each_beat_the_next(pairs, outcomes, n_models):
        return np.full(n_models, Status.RATED, dtype=np.int64)
    beats = _win_graph(pairs, outcomes, n_models)
    group = connected_components(beats, directed=True, connection="strong")[1]
    per_model = np.bincount(pairs.ravel(), np.repeat(outcomes.sum(axis=1), 2), n_models)
    largest = _largest(group, per_model)
    if len(largest) == 1:
        result = _relative_to(beats, int(np.argmax(group == largest[0])))
    else:
        result = _own_records(beats)
        result[np.isin(group, largest)] = Status.SPLIT
    result[per_model == 0] = Status.NO_VOTES
    return result


def _largest(group: AnyArray, votes: AnyArray) -> AnyArray:
    # Components of two models or more with the most models, then the most votes: one, unless tied.
    sizes, cast = np.bincount(group), np.bincount(group, votes)
    most = sizes == max(2, sizes.max())
    return np.flatnonzero(most & (cast >= (1.0 - ROUNDING) * cast.max(where=most, initial=0.0)))


def components(pairs: IntArray, votes: FloatArray, n_models: int) -> IntArray:
    """Number the connected components: sets of models joined by votes, directly or through others.

    Args:
        pairs: (P, 2) model indices; votes: (P,) weight of the votes on each.

    Returns:
        (n_models,) 1 for the component with the most models, then the most votes, and so on;
        equally large ones in the order of their first model. 0 for models without votes.
    """
    first, second = pairs[votes > 0].T
    met = csr_array((np.ones(len(first)), (first, second)), shape=(n_models, n_models))
    part = connected_components(met, directed=False)[1]
    per_model = np.bincount(pairs.ravel(), np.repeat(votes, 2), n_models)
    sizes, cast = np.bincount(part), np.bincount(part, per_model)
    order = np.lexsort((-cast, -sizes))
    number = np.argsort(order, kind="stable") + 1
    found: IntArray = np.where(per_model > 0, number[part], 0).astype(np.int64)
    return found


def _each_beat_the_next(pairs: IntArray, outcomes: FloatArray, n_models: int) -> bool:
    # Sufficient for a single strongly connected component, true of most arenas, and much cheaper to
    # check: pairs that have beaten each other connect all models.
    drawn = outcomes[:, 2] > 0
    mutual = (outcomes[:, 0] > 0) & (outcomes[:, 1] > 0) | drawn
    near = np.zeros((n_models, n_models), dtype=bool)
    near.ravel()[pairs[:, 0] * n_models + pairs[:, 1]] = mutual
    near |= near.T
    reached, found = near[0] | (np.arange(n_models) == 0), 1
    while found < (found := int(reached.sum())):
        reached = reached | near[reached].any(axis=0)
    return found == n_models


def _relative_to(beats: csr_array, member: int) -> IntArray:
    above = _reachable(beats, member)
    below = _reachable(csr_array(beats.T), member)
    result = np.full(beats.shape[0], Status.OTHER_COMPONENT, dtype=np.int64)
    result[above] = Status.ONLY_WINS
    result[below] = Status.ONLY_LOSSES
    result[above & below] = Status.RATED
    return result


def _own_records(beats: csr_array) -> IntArray:
    lost = np.diff(beats.indptr) > 0
    won = np.diff(csr_array(beats.T).indptr) > 0
    result = np.full(beats.shape[0], Status.NOT_ENOUGH_DATA, dtype=np.int64)
    result[won & ~lost] = Status.ONLY_WINS
    result[lost & ~won] = Status.ONLY_LOSSES
    return result


def has_cycle(pairs: IntArray, outcomes: FloatArray, n_models: int) -> bool:
    """Whether the decided votes contain a cycle of wins, such as A over B, B over C, C over A.

    Args:
        pairs: (P, 2) model indices; outcomes: (P, 3) votes [first wins, second wins, ties].
    """
    decisive = outcomes.copy()
    decisive[:, 2] = 0.0
    graph = _win_graph(pairs, decisive, n_models)
    n_groups = connected_components(graph, directed=True, connection="strong")[0]
    return bool(n_groups < n_models)


def _win_graph(pairs: IntArray, outcomes: FloatArray, n_models: int) -> csr_array:
    first, second = pairs.T
    first_won = (outcomes[:, 0] + outcomes[:, 2]) > 0
    second_won = (outcomes[:, 1] + outcomes[:, 2]) > 0
    losers = np.concatenate([second[first_won], first[second_won]])
    winners = np.concatenate([first[first_won], second[second_won]])
    return csr_array((np.ones(len(losers)), (losers, winners)), shape=(n_models, n_models))


def _reachable(graph: csr_array, start: int) -> BoolArray:
    found = np.zeros(graph.shape[0], dtype=bool)
    found[breadth_first_order(graph, start, return_predecessors=False)] = True
    return found
