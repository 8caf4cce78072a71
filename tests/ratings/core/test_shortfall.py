"""How far models may be behind the best."""

import numpy as np
import pytest

from ratings.core import NotRatedError, Tallies, bradley_terry
from ratings.core.methods.kept import Kept, Uncertainty
from ratings.core.methods.ratings import Settings
from ratings.core.questions.compare import simultaneous_gaps
from ratings.core.questions.shortfall import shortfalls
from ratings.core.uncertainty.ranks import critical_value
from tests.ratings.core.shapes import Array, simulate


def board(scores: list[float] | Array, deviations: list[float], critical: float) -> Kept:
    """Of independent scores."""
    given, spread = np.array(scores, dtype=float), np.array(deviations)
    known = Uncertainty(critical, None, np.arange(len(given)), np.diag(spread**2))
    return Kept(given, given - 1.96 * spread, given + 1.96 * spread, known, Settings())


def test_bounds_by_hand() -> None:
    # Gaps have standard deviations 5 (3, 4) and 5 (4, 3), and sqrt(18) between first and last.
    found = shortfalls(board([100, 90, 80], [3, 4, 3], 2.0), [0, 1, 2], [0, 1, 2])
    assert found.most == pytest.approx([0, 10 + 10, 20 + 2 * np.sqrt(18)])
    assert found.rival.tolist() == [1, 0, 0]
    assert found.level == 0.95


def test_best_that_is_not_separated_may_be_behind_too() -> None:
    found = shortfalls(board([100, 98], [3, 4], 2.0), [0], [0, 1])
    assert found.most == pytest.approx([8])


def test_uncertain_rival_may_be_better_than_its_score() -> None:
    found = shortfalls(board([100, 90, 50], [1, 1, 40], 2.0), [0, 1], [0, 1, 2])
    assert found.rival.tolist() == [2, 2]
    assert found.most[1] == pytest.approx(-40 + 2 * np.hypot(1, 40))


def test_only_the_rivals_count() -> None:
    found = shortfalls(board([100, 90, 80], [3, 4, 3], 2.0), [1, 2], [1, 2])
    assert found.most == pytest.approx([0, 20])
    alone = shortfalls(board([100, 90, 80], [3, 4, 3], 2.0), [2], [2])
    assert (alone.most.tolist(), alone.rival.tolist()) == ([0], [2])
    assert shortfalls(board([100, 90], [1, 1], 2.0), [], [0]).most.tolist() == []


def test_bounds_are_those_of_the_simultaneous_gaps() -> None:
    ratings = bradley_terry(simulate(3000, 9, seed=4).tallies())
    upper = simultaneous_gaps(ratings).upper.copy()  # row minus column
    np.fill_diagonal(upper, 0.0)
    every = np.arange(9)
    np.testing.assert_allclose(
        shortfalls(ratings, every, every).most, np.maximum(upper.max(axis=0), 0.0)
    )


def test_model_without_a_score_is_refused() -> None:
    ratings = bradley_terry(Tallies.from_counts([[0, 1]], [[2, 1, 0, 0]], 3))
    with pytest.raises(NotRatedError, match="Model 2 is not rated"):
        shortfalls(ratings, [0], [0, 2])


@pytest.mark.parametrize("spread", [0.0, 1.0, 4.0])
def test_all_bounds_hold_together_19_times_in_20(spread: float) -> None:
    """For all models, and for whatever a reader leaves out after seeing the scores."""
    rng, n = np.random.default_rng(8), 10
    critical = critical_value(np.eye(n), 0.95, 20_000, 1)
    truth, held = spread * rng.normal(size=n), []
    for _ in range(1500):
        ratings = board(truth + rng.normal(size=n), [1.0] * n, critical)
        worse_half = np.flatnonzero(ratings.scores < np.median(ratings.scores))
        held.append(
            all(
                (truth[kept].max() - truth[kept] <= shortfalls(ratings, kept, kept).most).all()
                for kept in (np.arange(n), worse_half)
            )
        )
    assert np.mean(held) >= 0.94  # 0.95 less two standard errors
