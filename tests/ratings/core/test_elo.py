import numpy as np
import pytest

from ratings.core import BadVotesError, NotEnoughDataError, Tallies, Verdict, bradley_terry
from ratings.core.fit.elo import elo
from ratings.core.questions.win_rates import expected_win_rates, win_rates
from tests.ratings.core.shapes import simulate


def test_elo_first_win_is_worth_half_of_k() -> None:
    result = elo([0], [1], [0], 3)
    np.testing.assert_allclose(result.scores, [1002, 998, 1000])
    assert result.votes.tolist() == [1, 1, 0]


def test_elo_second_vote_starts_from_the_first() -> None:
    result = elo([0, 1], [1, 0], [0, 2], 2, k=32)
    # After 1016 : 984 the favourite's expected share is 0.546; it gets half.
    expected = 1 / (1 + 10 ** (-32 / 400))
    assert result.scores[0] == pytest.approx(1016 + 32 * (0.5 - expected))
    assert result.scores.sum() == pytest.approx(2000)


@pytest.mark.parametrize("verdict", [Verdict.TIE, Verdict.BOTH_BAD])
def test_elo_drawn_vote_between_equals_changes_nothing(verdict: Verdict) -> None:
    np.testing.assert_array_equal(elo([0], [1], [verdict], 2).scores, [1000, 1000])


def test_elo_replays_by_time_not_by_row() -> None:
    votes = simulate(300, 4, seed=1)
    when = np.random.default_rng(0).permutation(300)
    order = np.argsort(when)
    by_time = elo(votes.a, votes.b, votes.verdict, 4, when=when)
    sorted_rows = elo(votes.a[order], votes.b[order], votes.verdict[order], 4)
    np.testing.assert_array_equal(by_time.scores, sorted_rows.scores)
    assert (by_time.scores != elo(votes.a, votes.b, votes.verdict, 4).scores).any()


def test_elo_equal_times_keep_the_row_order() -> None:
    votes = simulate(300, 4, seed=1)
    tied = elo(votes.a, votes.b, votes.verdict, 4, when=np.zeros(300))
    np.testing.assert_array_equal(tied.scores, elo(votes.a, votes.b, votes.verdict, 4).scores)


def test_elo_takes_dates() -> None:
    when = np.array(["2024-02-01", "2024-01-01"], dtype="datetime64[D]")
    result = elo([0, 0], [1, 1], [0, 1], 2, when=when)
    reverse = elo([0, 0], [1, 1], [1, 0], 2)
    np.testing.assert_array_equal(result.scores, reverse.scores)


@pytest.mark.parametrize(
    ("votes", "options", "message"),
    [
        (([0, 1], [1, 1], [0, 0]), {}, "Row 1: 'a' 1 is compared with itself"),
        (([0, 1], [1, 0], [0, 7]), {}, "Row 1: 'verdict' 7"),
        (([0, 1], [1, 0], [0, 0]), {"when": [1.0, np.nan]}, "Row 1: 'when'"),
        (([0, 1], [1, 0], [0, 0]), {"when": [1.0]}, "shape"),
        (([0, 1], [1, 0], [0, 0]), {"k": 0}, "positive"),
    ],
)
def test_elo_bad_input_is_named(
    votes: tuple[list[int], list[int], list[int]], options: dict[str, float], message: str
) -> None:
    with pytest.raises(BadVotesError, match=message):
        elo(*votes, 2, **options)


def test_elo_of_nothing_is_not_enough_data() -> None:
    with pytest.raises(NotEnoughDataError):
        elo([], [], [], 2)


def test_win_rates_by_hand() -> None:
    rates = win_rates(Tallies.from_counts([[0, 1]], [[5, 1, 2, 2]], 3))
    assert rates.rate[0, 1] == pytest.approx(0.7)
    assert rates.rate[1, 0] == pytest.approx(0.3)
    assert rates.votes[0, 1] == rates.votes[1, 0] == 10
    assert np.isnan(rates.rate[0, 2])
    assert np.isnan(rates.rate[0, 0])
    assert rates.lower[0, 1] < 0.7 < rates.upper[0, 1]
    assert rates.lower[0, 1] == pytest.approx(1 - rates.upper[1, 0])


def test_expected_win_rates_follow_the_elo_scale() -> None:
    ratings = bradley_terry(Tallies.from_counts([[0, 1]], [[10, 1, 0, 0]], 3))
    expected = expected_win_rates(ratings)
    assert expected[0, 1] == pytest.approx(10 / 11)
    assert expected[1, 0] == pytest.approx(1 / 11)
    assert np.isnan(expected[2]).all()
