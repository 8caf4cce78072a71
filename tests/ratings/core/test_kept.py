import numpy as np
import pytest

from ratings.core import NotRatedError, Settings, Tallies, bradley_terry
from ratings.core.methods.kept import Kept, uncertainty_of, unknown_uncertainty
from ratings.core.methods.ratings import Ratings, TieReading
from ratings.core.questions.compare import compare, simultaneous_gaps
from ratings.core.questions.matchmaking import votes_needed
from tests.ratings.core.shapes import simulate


def kept(ratings: Ratings, members: list[int]) -> Kept:
    known = uncertainty_of(ratings, members)
    return Kept(ratings.scores, ratings.lower, ratings.upper, known, ratings.settings)


@pytest.mark.parametrize("ties", ["half", "davidson", "rao-kupper"])
def test_kept_models_compare_as_before(ties: TieReading) -> None:
    ratings = bradley_terry(simulate(3000, 6, seed=1).tallies(), ties=ties)
    found = kept(ratings, [5, 1, 3])
    assert found.is_exact(1, 5)
    assert compare(found, 5, 1) == compare(ratings, 5, 1)
    assert votes_needed(found, 3, 1) == votes_needed(ratings, 3, 1)
    some = simultaneous_gaps(found, [3, 1], [5]), simultaneous_gaps(ratings, [3, 1], [5])
    np.testing.assert_array_equal(some[0].lower, some[1].lower)
    assert found.order.tolist() == ratings.order.tolist()


def test_other_gaps_get_the_widest_interval() -> None:
    ratings = bradley_terry(simulate(3000, 6, seed=1).tallies())
    found = kept(ratings, [1, 3])
    assert not found.is_exact(1, 2)
    half = ratings.upper - ratings.scores
    assert compare(found, 1, 2).gap_upper == pytest.approx(
        compare(ratings, 1, 2).gap + half[[1, 2]].sum()
    )
    every, exact = simultaneous_gaps(found), simultaneous_gaps(ratings)
    assert (every.lower <= exact.lower + 1e-9).all()
    assert every.lower[1, 3] == exact.lower[1, 3]
    np.testing.assert_array_equal(np.diag(every.lower), 0.0)


def test_unrated_models_stay_unrated() -> None:
    counts = [[30, 20, 5, 0], [25, 30, 1, 0], [9, 0, 0, 0]]
    ratings = bradley_terry(Tallies.from_counts([[0, 1], [1, 2], [3, 0]], counts, 4))
    found = kept(ratings, [0, 1])
    assert found.rated.tolist() == ratings.rated.tolist() == [True, True, True, False]
    with pytest.raises(NotRatedError):
        compare(found, 0, 3)
    assert np.isnan(simultaneous_gaps(found).gap[3]).all()


def test_without_anything_kept_intervals_are_wider_for_all_pairs() -> None:
    ratings = bradley_terry(simulate(3000, 6, seed=1).tallies())
    known = unknown_uncertainty(ratings.scores, ratings.settings.level)
    found = Kept(ratings.scores, ratings.lower, ratings.upper, known, ratings.settings)
    assert (simultaneous_gaps(found).lower <= simultaneous_gaps(ratings).lower + 1e-9).all()


def test_nothing_rated_can_be_kept() -> None:
    ratings = bradley_terry(Tallies.from_counts([[0, 1]], [[3, 0, 0, 0]], 2))
    found = kept(ratings, [])
    assert not found.rated.any()
    assert np.isnan(found.critical)
    assert np.isnan(simultaneous_gaps(found).lower).all()
    assert Settings() == found.settings
