"""When pairs will be told apart, against closed forms and against the votes that one pair needs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, ndtri

from ratings.core import Tallies, bradley_terry
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.questions.matchmaking import votes_needed
from ratings.core.questions.separation import days_until_separated

Z = float(ndtri(0.975))


def test_two_models_need_the_votes_that_their_pair_needs() -> None:
    ratings = bradley_terry(Tallies.from_counts([(0, 1)], [(55, 45, 0, 0)], 2))
    always = np.array([[0.0, 1.0], [1.0, 0.0]])
    days = days_until_separated(ratings.scores, ratings.covariance, always, 10.0, Z)
    assert np.ceil(10 * days[0, 1]) == votes_needed(ratings, 0, 1)
    assert days[0, 1] == days[1, 0]


def test_standard_error_shrinks_with_the_square_root_of_the_votes() -> None:
    """From all the information that N votes gave, four times N halve it: three N more."""
    gap, votes = 50.0, 400.0
    p = expit(gap / POINTS_PER_NAT)
    deviation = POINTS_PER_NAT / np.sqrt(votes * p * (1 - p))
    covariance = np.array([[1.0, -1.0], [-1.0, 1.0]]) * deviation**2 / 4
    always = np.array([[0.0, 1.0], [1.0, 0.0]])
    critical = 2 * gap / deviation  # reached with half of the present error
    days = days_until_separated(np.array([gap, 0.0]), covariance, always, 8.0, critical)
    assert days[0, 1] == pytest.approx(3 * votes / 8, rel=1e-4)


def test_third_models_connect_a_pair_that_never_meets() -> None:
    scores, covariance = np.array([20.0, 0.0, -20.0]), np.diag([400.0, 400.0, 400.0])
    drawn = np.array([[0.0, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.5, 0.0]])
    days = days_until_separated(scores, covariance, drawn, 20.0, Z)
    assert 0 < days[0, 2] < np.inf
    alone = days_until_separated(scores, covariance, np.zeros((3, 3)), 20.0, Z)
    assert np.isinf(alone[0, 1])  # no votes, no news


def test_pairs_that_are_separated_or_equal_take_no_time_or_for_ever() -> None:
    scores, covariance = np.array([300.0, 0.0, 0.0]), np.diag([25.0, 25.0, 25.0])
    drawn = np.full((3, 3), 1 / 3)
    days = days_until_separated(scores, covariance, drawn, 20.0, Z)
    assert (days[0, 1], days[0, 2]) == (0, 0)
    assert np.isinf(days[1, 2])
