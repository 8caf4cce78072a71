import numpy as np
import pytest

from ratings.core import BadVotesError, NotEnoughDataError, RatingsError, Status
from ratings.core.fit.elo import elo
from ratings.core.methods.elo_ratings import EloSettings, elo_ratings
from tests.ratings.core.shapes import davidson_verdicts, simulate

FEW = EloSettings(rounds=100, k=16.0)


def test_scores_are_those_of_elo() -> None:
    votes = simulate(300, 4, seed=1)
    result = elo_ratings(votes.a, votes.b, votes.verdict, 5)
    plain = elo(votes.a, votes.b, votes.verdict, 5)
    np.testing.assert_array_equal(result.scores[:4], plain.scores[:4])
    np.testing.assert_array_equal(result.votes, plain.votes)


def test_model_without_votes_has_no_score() -> None:
    result = elo_ratings([0, 1], [1, 0], [0, 1], 3)
    assert result.status.tolist() == [Status.RATED, Status.RATED, Status.NO_VOTES]
    assert np.isnan(result.scores[2])
    assert result.rank_low.tolist()[2] == 0


def test_same_seed_gives_the_same_intervals() -> None:
    votes = simulate(300, 4, seed=1)
    first, again = (elo_ratings(votes.a, votes.b, votes.verdict, 4, FEW) for _ in range(2))
    other = elo_ratings(votes.a, votes.b, votes.verdict, 4, EloSettings(rounds=100, k=16.0, seed=1))
    np.testing.assert_array_equal(first.lower, again.lower)
    assert (first.lower != other.lower).all()


def test_intervals_hold_the_mean_of_other_voters_boards() -> None:
    """Over 100 arenas with the same models, intervals cover the mean score 95% of the time, up to
    chance over 600 correlated intervals."""
    rng, strengths = np.random.default_rng(3), np.linspace(-1.0, 1.0, 6)
    results = []
    for seed in range(100):
        a = rng.integers(0, 6, 2_000)
        b = (a + rng.integers(1, 6, 2_000)) % 6
        verdicts = davidson_verdicts(rng, strengths[a] - strengths[b], ties=0.3)
        settings = EloSettings(rounds=100, k=16.0, seed=seed)
        results.append(elo_ratings(a, b, verdicts, 6, settings))
    mean = np.mean([result.scores for result in results], axis=0)
    covered = [(result.lower < mean) & (mean < result.upper) for result in results]
    assert 0.92 < np.mean(covered) < 0.98


def test_rank_ranges_hold_the_order_of_many_votes() -> None:
    votes = simulate(20_000, 4, seed=2)
    result = elo_ratings(votes.a, votes.b, votes.verdict, 4, FEW)
    assert (result.rank_low <= result.rank_high).all()
    assert result.rank_low[result.order[0]] == 1


@pytest.mark.parametrize("settings", [EloSettings(rounds=1), EloSettings(level=1.0)])
def test_bad_setting_is_refused(settings: EloSettings) -> None:
    with pytest.raises(RatingsError):
        elo_ratings([0], [1], [0], 2, settings)


def test_bad_votes_are_refused() -> None:
    with pytest.raises(BadVotesError, match="compared with itself"):
        elo_ratings([0, 1], [1, 1], [0, 0], 2)
    with pytest.raises(NotEnoughDataError):
        elo_ratings([], [], [], 2)
