import numpy as np
import pytest

from ratings.core import NotEnoughDataError, RatingsError, Tallies, bradley_terry
from ratings.core.questions.compare import compare
from ratings.core.questions.matchmaking import matchmaking_weights, votes_needed
from tests.ratings.core.shapes import simulate


def test_matchmaking_weights_are_probabilities_above_the_floor() -> None:
    tallies = simulate(3000, 8, seed=1).tallies()
    weights = matchmaking_weights(tallies, bradley_terry(tallies), floor=0.3)
    assert len(weights.pairs) == 28
    assert weights.probability.sum() == pytest.approx(1.0)
    assert weights.probability.min() > 0.3 / 28


def test_matchmaking_weights_follow_the_paper() -> None:
    tallies = Tallies.from_counts(
        [[0, 1], [0, 2], [1, 2]], [[9, 7, 0, 0], [40, 60, 0, 0], [3, 1, 0, 0]], 3
    )
    ratings = bradley_terry(tallies)
    weights = matchmaking_weights(tallies, ratings, floor=1e-12)
    gain = []
    for (a, b), n in zip(weights.pairs, [16, 100, 4], strict=True):
        gap = ratings.covariance[a, a] + ratings.covariance[b, b] - 2 * ratings.covariance[a, b]
        v = gap * n
        gain.append(np.sqrt(v / n) - np.sqrt(v / (n + 1)))
    np.testing.assert_allclose(weights.probability, np.array(gain) / np.sum(gain))


def test_matchmaking_weights_favour_what_is_uncertain() -> None:
    counts = [[500, 500, 0, 0], [500, 500, 0, 0], [5, 5, 0, 0]]
    tallies = Tallies.from_counts([[0, 1], [1, 2], [2, 3]], counts, 4)
    weights = matchmaking_weights(tallies, bradley_terry(tallies))
    drawn = {
        tuple(pair): p for pair, p in zip(weights.pairs.tolist(), weights.probability, strict=True)
    }
    assert min(drawn[0, 3], drawn[1, 3], drawn[2, 3]) > drawn[0, 1]


def test_matchmaking_weights_newcomer_is_drawn_most() -> None:
    tallies = simulate(2000, 4, seed=2).tallies()
    wider = Tallies.from_counts(tallies.pairs, tallies.counts, 5)
    weights = matchmaking_weights(wider, bradley_terry(wider))
    new = (weights.pairs == 4).any(axis=1)
    assert weights.probability[new].min() >= weights.probability[~new].max()


def test_matchmaking_weights_before_any_rating_are_uniform() -> None:
    tallies = Tallies.from_votes([0], [1], [0], 3)
    weights = matchmaking_weights(tallies, bradley_terry(tallies))
    np.testing.assert_allclose(weights.probability, 1 / 3)


def test_matchmaking_weights_only_of_candidates() -> None:
    tallies = simulate(2000, 6, seed=3).tallies()
    weights = matchmaking_weights(tallies, bradley_terry(tallies), candidates=np.array([5, 1, 2]))
    assert weights.pairs.tolist() == [[1, 2], [1, 5], [2, 5]]


@pytest.mark.parametrize(
    ("candidates", "floor", "error"),
    [([0], 0.2, NotEnoughDataError), ([0, 9], 0.2, RatingsError), ([0, 1], 0.0, RatingsError)],
)
def test_matchmaking_weights_bad_input_is_refused(
    candidates: list[int], floor: float, error: type[Exception]
) -> None:
    tallies = simulate(100, 3, seed=1).tallies()
    with pytest.raises(error):
        matchmaking_weights(
            tallies, bradley_terry(tallies), candidates=np.array(candidates), floor=floor
        )


def test_votes_needed_are_enough_when_they_come() -> None:
    tallies = Tallies.from_counts([[0, 1]], [[55, 45, 0, 0]], 2)
    ratings = bradley_terry(tallies)
    needed = votes_needed(ratings, 0, 1)
    assert not compare(ratings, 0, 1).separated
    for votes, separated in ((needed + 5, True), (needed - 5, False)):
        more = Tallies.from_counts([[0, 1]], np.array([[0.55, 0.45, 0, 0]]) * (100 + votes), 2)
        assert compare(bradley_terry(more), 0, 1).separated is separated


def test_votes_needed_of_separated_models_is_zero() -> None:
    assert (
        votes_needed(bradley_terry(Tallies.from_counts([[0, 1]], [[90, 10, 0, 0]], 2)), 1, 0) == 0
    )


def test_votes_needed_of_equal_models_is_infinite() -> None:
    ratings = bradley_terry(Tallies.from_counts([[0, 1]], [[5, 5, 0, 0]], 2))
    assert votes_needed(ratings, 0, 1) == np.inf
