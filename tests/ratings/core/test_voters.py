from itertools import product

import numpy as np
import pytest
from scipy.stats import kstest

from ratings.core import NotEnoughDataError, RatingsError, Tallies, bradley_terry
from ratings.core.questions.voter_anomaly import (
    VoterAnomalies,
    points_distribution,
    voter_anomalies,
)
from ratings.core.questions.voter_influence import voter_influence
from tests.ratings.core.shapes import Array, simulate

HONEST, RIGGERS, VOTES = 200, 20, 20


def arena(win_rate: float, seed: int, ties: float, opponents: int) -> VoterAnomalies:
    """Model 0 wins `win_rate` of its decided votes, and every vote of the last voters, the
    riggers."""
    rng = np.random.default_rng(seed)
    voter = np.repeat(np.arange(HONEST + RIGGERS), VOTES)
    other = 1 + rng.integers(0, opponents, len(voter))
    verdict = np.where(rng.random(len(voter)) < win_rate, 0, 1)
    verdict[rng.random(len(voter)) < ties] = 2
    verdict[voter >= HONEST] = 0
    return voter_anomalies(
        Tallies.from_votes(np.zeros_like(voter), other, verdict, opponents + 1, voter=voter),
        seed=seed,
    )


@pytest.mark.parametrize("opponents", [1, 3, 12])
@pytest.mark.parametrize("win_rate", [0.5, 0.6, 0.75])
def test_voter_anomalies_planted_riggers_are_caught(win_rate: float, opponents: int) -> None:
    runs = [arena(win_rate, seed, 0.2, opponents) for seed in range(3)]
    caught = np.mean([run.flagged[HONEST:] for run in runs])
    honest = np.mean([run.flagged[:HONEST] for run in runs])
    assert caught >= 0.9
    assert honest <= 0.05
    accused = [run.model[HONEST:][run.flagged[HONEST:]] for run in runs]
    favoured = [run.favours[HONEST:][run.flagged[HONEST:]] for run in runs]
    # With a single opponent, favouring the target is hurting the opponent.
    for_target = (np.concatenate(accused) == 0) & np.concatenate(favoured)
    assert for_target.mean() > (0.4 if opponents == 1 else 0.95)


def test_voter_anomalies_riggers_who_hurt_a_rival_are_caught() -> None:
    votes = simulate(8000, 6, seed=1)
    voter = np.random.default_rng(0).integers(0, 200, 8000)
    verdict = np.where((voter >= 190) & (votes.a == 2), 1, votes.verdict)
    verdict = np.where((voter >= 190) & (votes.b == 2), 0, verdict)
    result = voter_anomalies(Tallies.from_votes(votes.a, votes.b, verdict, 6, voter=voter))
    caught = result.flagged[190:] & (result.model[190:] == 2) & ~result.favours[190:]
    assert caught.mean() >= 0.8
    assert result.flagged[:190].mean() <= 0.05


def test_voter_anomalies_honest_voters_have_uniform_p_values() -> None:
    # One tested direction of one model, so no correction distorts the distribution.
    rng = np.random.default_rng(3)
    voter = np.repeat(np.arange(400), 15)
    verdict = rng.integers(0, 3, len(voter))
    tallies = Tallies.from_votes(voter * 0, voter * 0 + 1, verdict, 2, voter=voter)
    p = voter_anomalies(tallies).p_value
    # The four tests of a pair are two distinct ones, equal for both models: p = 4 min(u, 1 - u).
    below = p[p < 1]
    assert len(below) / len(p) == pytest.approx(0.5, abs=0.08)
    assert kstest(below, "uniform").pvalue > 0.001


def test_voter_anomalies_few_votes_are_not_tested() -> None:
    tallies = Tallies.from_votes([0] * 12, [1] * 12, [0] * 12, 2, voter=[0] * 9 + [1, 1, 2])
    result = voter_anomalies(tallies)
    assert result.p_value.tolist() == [1, 1, 1]
    assert result.model.tolist() == [-1, -1, -1]
    assert result.votes.tolist() == [9, 2, 1]


def test_voter_anomalies_only_voter_is_not_suspicious() -> None:
    # A voter who cast all the votes on a pair cannot differ from others.
    tallies = Tallies.from_votes([0] * 50, [1] * 50, [0] * 50, 2, voter=[0] * 50)
    assert not voter_anomalies(tallies, alpha=0.01).flagged.any()


def test_voter_anomalies_same_seed_same_result() -> None:
    first, again = arena(0.6, 1, 0.2, 3), arena(0.6, 1, 0.2, 3)
    np.testing.assert_array_equal(first.p_value, again.p_value)


def test_voter_anomalies_bad_input_is_refused() -> None:
    votes = simulate(100, 3, seed=1)
    with pytest.raises(NotEnoughDataError, match="voter="):
        voter_anomalies(votes.tallies())
    with pytest.raises(RatingsError, match="unweighted"):
        voter_anomalies(votes.tallies(voter=np.arange(100), weight=np.full(100, 2.0)))
    with pytest.raises(RatingsError, match="alpha"):
        voter_anomalies(votes.tallies(voter=np.arange(100)), alpha=0)


@pytest.mark.parametrize("votes", [1, 2, 4])
def test_points_distribution_equals_counting_all_draws(votes: int) -> None:
    cards = [2, 2, 0, 0, 0, 1]
    draws = [d for d in product(range(6), repeat=votes) if len(set(d)) == votes]
    points = [sum(cards[i] for i in draw) for draw in draws]
    expected = np.bincount(points, minlength=2 * votes + 1) / len(points)
    np.testing.assert_allclose(points_distribution(votes, 2, 3, 1), expected, atol=1e-12)


def without(votes: Array, voter: Array, left_out: int, n_models: int) -> Array:
    kept = voter != left_out
    a, b, verdict = votes[:, kept]
    return bradley_terry(Tallies.from_votes(a, b, verdict, n_models)).scores


def test_voter_influence_predicts_leaving_a_voter_out() -> None:
    votes = simulate(6000, 5, seed=4)
    voter = np.random.default_rng(1).integers(0, 60, 6000)
    result = voter_influence(votes.tallies(voter=voter))
    full = bradley_terry(votes.tallies()).scores
    columns = np.stack([votes.a, votes.b, votes.verdict])
    for left_out in (0, 17, 59):
        change = without(columns, voter, left_out, 5) - full
        assert int(np.argmax(np.abs(change))) == result.model[left_out]
        assert result.shift[left_out] == pytest.approx(change[result.model[left_out]], rel=0.1)


def test_voter_influence_counts_swapped_pairs() -> None:
    # Without the four votes of voter 1, model 0 would lead by 51 to 49.
    verdict, voter = [0] * 51 + [1] * 49 + [1] * 4, [0] * 100 + [1] * 4
    result = voter_influence(Tallies.from_votes([0] * 104, [1] * 104, verdict, 2, voter=voter))
    assert result.swaps[1] == 1
    assert (result.shift[1] > 0) == (result.model[1] == 0)


def test_voter_influence_without_rated_models_is_not_enough_data() -> None:
    with pytest.raises(NotEnoughDataError):
        voter_influence(Tallies.from_votes([0], [1], [0], 2, voter=[0]))
    with pytest.raises(NotEnoughDataError, match="voter="):
        voter_influence(simulate(50, 3, seed=0).tallies())
