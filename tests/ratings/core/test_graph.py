"""Which models share a scale, in disconnected arenas."""

import numpy as np
import pytest

from ratings.core import Ratings, Status, Tallies, bradley_terry
from ratings.core.methods.bootstrap import bootstrap
from ratings.core.methods.elo_ratings import elo_ratings


def rate(duels: list[tuple[int, int, int]], n_models: int) -> Ratings:
    """Rate duels (a, b, votes), each with `votes` wins for either side."""
    a, b, votes = (np.array(column) for column in zip(*duels, strict=True))
    counts = np.stack([votes, votes, 0 * votes, 0 * votes], axis=1)
    return bradley_terry(Tallies.from_counts(np.stack([a, b], axis=1), counts, n_models))


def test_two_equal_components_are_split_whatever_the_order() -> None:
    result = rate([(0, 1, 1), (2, 3, 1)], 4)
    assert result.status.tolist() == [Status.SPLIT] * 4
    assert result.component.tolist() == [1, 1, 2, 2]
    assert np.isnan(result.scores).all()


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 3, 1]])
def test_the_component_of_most_models_is_rated_wherever_it_stands(order: list[int]) -> None:
    duels = [(order[i], order[j], votes) for i, j, votes in [(0, 1, 90), (2, 3, 1), (3, 4, 1)]]
    result = rate(duels, 5)
    status, component = result.status[order], result.component[order]
    assert status.tolist() == [Status.OTHER_COMPONENT] * 2 + [Status.RATED] * 3
    assert component.tolist() == [2, 2, 1, 1, 1]


def test_among_components_of_one_size_the_one_of_most_votes_is_rated() -> None:
    result = rate([(0, 1, 5), (2, 3, 6)], 5)
    other, rated = Status.OTHER_COMPONENT, Status.RATED
    assert result.status.tolist() == [other, other, rated, rated, Status.NO_VOTES]
    assert result.component.tolist() == [2, 2, 1, 1, 0]


def test_weights_that_add_up_to_the_same_are_a_tie_in_any_order() -> None:
    a, b = [0, 1, 0, 2, 3, 2], [1, 0, 1, 3, 2, 3]
    weight = [0.1, 0.2, 0.3, 0.3, 0.2, 0.1]
    result = bradley_terry(Tallies.from_votes(a, b, [0] * 6, 4, weight=weight))
    assert result.status.tolist() == [Status.SPLIT] * 4


def test_groups_joined_by_wins_alone_are_one_component() -> None:
    counts = [[3, 3, 0, 0], [1, 0, 0, 0], [2, 2, 0, 0]]
    result = bradley_terry(Tallies.from_counts([[0, 1], [1, 2], [2, 3]], counts, 4))
    assert result.component.tolist() == [1, 1, 1, 1]
    assert (result.rated.tolist(), result.status[3]) == ([True, True] + [False] * 2, 3)


def test_elo_and_the_bootstrap_know_the_components() -> None:
    a, b, verdict = [0, 0, 0, 0, 2], [1, 1, 1, 1, 3], [0, 1, 0, 1, 0]
    assert elo_ratings(a, b, verdict, 5).component.tolist() == [1, 1, 2, 2, 0]
    drawn = bootstrap(Tallies.from_votes(a, b, verdict, 5), rounds=10).ratings
    assert drawn.component.tolist() == [1, 1, 2, 2, 0]
